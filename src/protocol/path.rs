//! A place inside a configuration: `network.availability_zones[1]`.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    Attribute(String),
    Key(String),
    Index(i64),
}

/// Steps from the root of a resource, data source or provider block; empty means the block itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    pub fn root() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>) -> Self {
        self.0.push(Step::Attribute(name.into()));
        self
    }

    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    #[must_use]
    pub fn index(mut self, index: i64) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// What an error text begins with: `network.port: `, or nothing at the root.
    pub fn lead(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!("{self}: ") }
    }
}

/// `"network.cidr_block"`: attribute names separated by dots.
impl From<&str> for Path {
    fn from(dotted: &str) -> Self {
        dotted.split('.').filter(|name| !name.is_empty()).fold(Self::root(), Self::attribute)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if place == 0 => write!(out, "{name}")?,
                Step::Attribute(name) => write!(out, ".{name}")?,
                Step::Key(key) => write!(out, "[{key:?}]")?,
                Step::Index(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_configuration() {
        let path = Path::from("network.zones").index(1).attribute("tags").key("a b");
        assert_eq!(path.to_string(), r#"network.zones[1].tags["a b"]"#);
        assert_eq!(path.lead(), format!("{path}: "));
        assert_eq!(Path::from("").lead(), "");
    }
}
