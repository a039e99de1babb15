//! A configuration with one service, made of attributes in HCL.

/// One `fargate_web_service`, its attributes in the order given.
#[derive(Clone)]
pub struct Stack {
    label: String,
    attributes: Vec<(String, String)>,
}

pub const REQUIRES: &str = "terraform {\n  required_providers { fargate = { source = \"fargate-rs/fargate\" } }\n}\n";

impl Stack {
    /// The least that a user can write. Its address is `fargate_web_service.app`.
    pub fn named(name: &str) -> Self {
        let least = Self { label: "app".into(), attributes: Vec::new() };
        least.with("name", &format!("{name:?}")).with("image", r#""public.ecr.aws/nginx/nginx:stable""#)
    }

    /// With another address.
    pub fn labelled(self, label: &str) -> Self {
        Self { label: label.into(), ..self }
    }

    /// With this attribute: new, or in place of the one it has.
    pub fn with(mut self, attribute: &str, hcl: &str) -> Self {
        match self.attributes.iter_mut().find(|(name, _)| name == attribute) {
            Some((_, value)) => value.replace_range(.., hcl),
            None => self.attributes.push((attribute.into(), hcl.into())),
        }
        self
    }

    /// The resource alone. Its first attribute stands on the second line, each on one of its own.
    pub fn resource(&self) -> String {
        let lines: String = self.attributes.iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
        format!("resource \"fargate_web_service\" \"{}\" {{\n{lines}}}\n", self.label)
    }

    /// A whole `main.tf`.
    pub fn hcl(&self) -> String {
        format!(
            "{REQUIRES}\n{}\noutput \"url\" {{ value = fargate_web_service.{}.url }}\n",
            self.resource(),
            self.label
        )
    }
}
