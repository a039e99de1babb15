//! From the JSON schema of a struct to attributes: shapes and presence.

use serde_json::{Map, Value as Json};

use super::keywords::Keywords;
use super::{Error, Fault, default, text};
use crate::protocol::path::Path;
use crate::protocol::schema::{Attribute, Nesting, Presence, Shape, Type};

/// The attributes of a whole struct.
pub fn root(schema: &Json) -> Result<Vec<Attribute>, Error> {
    let mut keywords = Keywords::new(schema, Path::root())?;
    for about_the_type in ["$schema", "title", "description"] {
        keywords.take(about_the_type);
    }
    match read(keywords, &Path::root())? {
        Read { shape: Shape::Nested(Nesting::Single, attributes), .. } => Ok(attributes),
        _ => Err(Error { path: Path::root(), fault: Fault::Type("not a struct".to_owned()) }),
    }
}

struct Read {
    shape: Shape,
    nullable: bool,
}

fn field(name: &str, schema: &Json, required: bool, path: &Path) -> Result<Attribute, Error> {
    let path = path.clone().attribute(name);
    let mut keywords = Keywords::new(schema, path.clone())?;
    let marks = keywords.take_marks()?;
    let description = keywords.take("description");
    let default = keywords.take("default");
    let Read { shape, nullable } = read(keywords, &path)?;

    let fail = |fault| Error { path: path.clone(), fault };
    let marked = |mark: &str| marks.contains(&mark);
    let presence = match (marked("computed"), marked("optional_computed"), default) {
        (true, true, _) => return Err(fail(Fault::Marks("computed", "optional_computed"))),
        (true, false, _) => Presence::Computed,
        (false, true, Some(default)) if !default.is_null() => {
            return Err(fail(Fault::Marks("optional_computed", "default")));
        }
        (false, true, _) => Presence::OptionalComputed,
        (false, false, Some(default)) if !default.is_null() => {
            Presence::Default(default::from_json(&shape, &default).map_err(fail)?)
        }
        (false, false, _) if nullable => Presence::Optional,
        (false, false, _) if required => Presence::Required,
        (false, false, _) => match &shape {
            Shape::Nested(Nesting::Single, members) => Presence::Default(default::of_members(members)),
            _ => return Err(fail(Fault::Absent)),
        },
    };
    Ok(Attribute {
        name: name.to_owned(),
        shape,
        presence,
        description: description.as_ref().and_then(Json::as_str).map(text::fold).unwrap_or_default(),
        sensitive: marked("sensitive"),
        replaces: marked("replaces"),
        stable: marked("stable"),
    })
}

fn read(mut keywords: Keywords, path: &Path) -> Result<Read, Error> {
    if let Some(variants) = keywords.take("oneOf") {
        return one_of(keywords, &variants);
    }
    // An Option of something that has no plain `type`: a documented enum, say.
    if let Some(Json::Array(parts)) = keywords.take("anyOf") {
        let [part, null] = &parts[..] else {
            return Err(keywords.error(Fault::Keyword("anyOf".to_owned())));
        };
        if *null != serde_json::json!({"type": "null"}) {
            return Err(keywords.error(Fault::Keyword("anyOf".to_owned())));
        }
        keywords.finish()?;
        return Ok(Read { nullable: true, ..element(part, path)? });
    }
    let (ty, nullable) = keywords.take_type()?;
    let shape = match ty.as_str() {
        "boolean" => Shape::Plain(Type::Bool),
        "integer" | "number" => {
            keywords.take_number();
            Shape::Plain(Type::Number)
        }
        "string" => {
            keywords.take("enum");
            Shape::Plain(Type::String)
        }
        "array" => {
            let unique = keywords.take("uniqueItems") == Some(Json::Bool(true));
            let items = keywords.take("items").unwrap_or_default();
            let (nesting, plain): Collection =
                if unique { (Nesting::Set, Type::Set) } else { (Nesting::List, Type::List) };
            collection((nesting, plain), element(&items, path)?).map_err(|fault| keywords.error(fault))?
        }
        "object" => object(&mut keywords, path)?,
        other => return Err(keywords.error(Fault::Type(other.to_owned()))),
    };
    keywords.finish()?;
    Ok(Read { shape, nullable })
}

/// A type inside another: its docs are those of a Rust type, not of the attribute.
fn element(schema: &Json, path: &Path) -> Result<Read, Error> {
    let mut keywords = Keywords::new(schema, path.clone())?;
    keywords.take("description");
    read(keywords, path)
}

/// An enum whose variants have docs of their own: each a constant.
fn one_of(keywords: Keywords, variants: &Json) -> Result<Read, Error> {
    let mut variants = variants.as_array().into_iter().flatten();
    if !variants.all(|variant| variant.get("type") == Some(&Json::from("string"))) {
        return Err(keywords.error(Fault::Type("an enum with data".to_owned())));
    }
    keywords.finish()?;
    Ok(Read { shape: Shape::Plain(Type::String), nullable: false })
}

fn object(keywords: &mut Keywords, path: &Path) -> Result<Shape, Error> {
    let members = keywords.take("properties");
    match (members, keywords.take("additionalProperties")) {
        (Some(Json::Object(members)), None | Some(Json::Bool(false))) => {
            let required = keywords.take("required").unwrap_or_default();
            Ok(Shape::Nested(Nesting::Single, fields(&members, &required, path)?))
        }
        (None, Some(elements @ Json::Object(_))) => {
            collection((Nesting::Map, Type::Map), element(&elements, path)?).map_err(|fault| keywords.error(fault))
        }
        _ => {
            Err(keywords.error(Fault::Type("an object with both known and unknown names, or with neither".to_owned())))
        }
    }
}

fn fields(members: &Map<String, Json>, required: &Json, path: &Path) -> Result<Vec<Attribute>, Error> {
    let required: Vec<&str> = required.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let attributes = members.iter().map(|(name, schema)| field(name, schema, required.contains(&name.as_str()), path));
    let mut attributes = attributes.collect::<Result<Vec<_>, _>>()?;
    attributes.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(attributes)
}

/// The two forms of a collection: of objects with attributes, of plain values.
type Collection = (Nesting, fn(Box<Type>) -> Type);

/// Plain elements make a plain collection, a struct a nested one. Structs two collections deep have no attribute form.
fn collection((nesting, plain): Collection, element: Read) -> Result<Shape, Fault> {
    match element {
        Read { nullable: true, .. } => Err(Fault::Type("Option inside a collection".to_owned())),
        Read { shape: Shape::Plain(ty), .. } => Ok(Shape::Plain(plain(Box::new(ty)))),
        Read { shape: Shape::Nested(Nesting::Single, members), .. } => Ok(Shape::Nested(nesting, members)),
        Read { shape: Shape::Nested(..), .. } => Err(Fault::Type("structs in a collection of collections".to_owned())),
    }
}
