//! What Terraform can know without asking AWS: names, schemas, capabilities.

use super::{Call, wire};
use crate::protocol::codec;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::schema::{Attribute, Nesting, Presence, Schema, Shape};

/// Destroys are planned too; and the schema, being always the same, needs to be asked for only once.
fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: false,
        generate_resource_config: false,
    }
}

pub async fn metadata(call: Call, _: wire::get_metadata::Request) -> Result<wire::get_metadata::Response, Diagnostic> {
    let names = call.provider.resources().keys().map(|name| (*name).to_owned());
    let sources = call.provider.data_sources().keys().map(|name| (*name).to_owned());
    Ok(wire::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: names.map(|type_name| wire::get_metadata::ResourceMetadata { type_name }).collect(),
        data_sources: sources.map(|type_name| wire::get_metadata::DataSourceMetadata { type_name }).collect(),
        ..Default::default()
    })
}

/// `provider_meta` stays unset; Terraform then never sends any.
pub async fn provider(
    call: Call,
    _: wire::get_provider_schema::Request,
) -> Result<wire::get_provider_schema::Response, Diagnostic> {
    let resources = call.provider.resources().iter();
    let sources = call.provider.data_sources().iter();
    Ok(wire::get_provider_schema::Response {
        provider: Some(call.provider.schema().into()),
        resource_schemas: resources.map(|(name, resource)| ((*name).to_owned(), resource.schema().into())).collect(),
        data_source_schemas: sources.map(|(name, source)| ((*name).to_owned(), source.schema().into())).collect(),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    })
}

/// None: an identity, once published, has to be answered by every call on the resource.
pub async fn identities(
    _: Call,
    _: wire::get_resource_identity_schemas::Request,
) -> Result<wire::get_resource_identity_schemas::Response, Diagnostic> {
    Ok(Default::default())
}

pub async fn functions(_: Call, _: wire::get_functions::Request) -> Result<wire::get_functions::Response, Diagnostic> {
    Ok(Default::default())
}

impl From<&Schema> for wire::Schema {
    fn from(schema: &Schema) -> Self {
        let block = wire::schema::Block {
            version: schema.version,
            attributes: schema.attributes.iter().map(Into::into).collect(),
            description: schema.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
            ..Default::default()
        };
        Self { version: schema.version, block: Some(block) }
    }
}

impl From<&Attribute> for wire::schema::Attribute {
    fn from(attribute: &Attribute) -> Self {
        let (required, optional, computed) = match attribute.presence {
            Presence::Required => (true, false, false),
            Presence::Optional => (false, true, false),
            Presence::OptionalComputed | Presence::Default(_) => (false, true, true),
            Presence::Computed => (false, false, true),
        };
        let (r#type, nested_type) = match &attribute.shape {
            Shape::Plain(plain) => (codec::type_json(plain).to_string().into_bytes(), None),
            Shape::Nested(nesting, attributes) => (Vec::new(), Some(object(*nesting, attributes))),
        };
        Self {
            name: attribute.name.clone(),
            r#type,
            nested_type,
            description: attribute.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
            required,
            optional,
            computed,
            sensitive: attribute.sensitive,
            ..Default::default()
        }
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    use wire::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(Into::into).collect(),
        nesting: nesting.into(),
        ..Default::default()
    }
}
