//! The keywords of one JSON schema, taken one by one. Whatever is left at the end was not understood and is refused.

use serde_json::{Map, Value as Json};

use super::{Error, Fault};
use crate::protocol::path::Path;

const MARKS: [&str; 5] = ["computed", "optional_computed", "sensitive", "replaces", "stable"];

/// What is still to be read of a JSON schema.
pub struct Keywords {
    rest: Map<String, Json>,
    path: Path,
}

impl Keywords {
    pub fn new(schema: &Json, path: Path) -> Result<Self, Error> {
        let Json::Object(keywords) = schema else {
            return Err(Error { path, fault: Fault::Type("anything at all".to_owned()) });
        };
        Ok(Self { rest: keywords.clone(), path })
    }

    pub fn take(&mut self, keyword: &str) -> Option<Json> {
        self.rest.remove(keyword)
    }

    /// The type without `null`, and whether null was among them.
    pub fn take_type(&mut self) -> Result<(String, bool), Error> {
        let ty = self.take("type");
        let names: Vec<&str> = match &ty {
            Some(Json::String(name)) => vec![name],
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        match names[..] {
            [name] => Ok((name.to_owned(), false)),
            [name, "null"] => Ok((name.to_owned(), true)),
            // Without a type it's some composition; the keyword that is left over tells which.
            [] => Err(self.first_left().unwrap_or_else(|| self.error(Fault::Type("anything at all".to_owned())))),
            _ => Err(self.error(Fault::Type(names.join(" or ")))),
        }
    }

    /// Takes a number's format and the bounds that follow from it, which serde checks. Other bounds stay, to be refused.
    pub fn take_number(&mut self) {
        let format = self.take("format");
        let format = format.as_ref().and_then(Json::as_str).unwrap_or_default();
        let (minimum, maximum): (Option<i64>, Option<i64>) = match format {
            "uint8" => (Some(0), Some(u8::MAX.into())),
            "uint16" => (Some(0), Some(u16::MAX.into())),
            "int8" => (Some(i8::MIN.into()), Some(i8::MAX.into())),
            "int16" => (Some(i16::MIN.into()), Some(i16::MAX.into())),
            unsigned if unsigned.starts_with("uint") => (Some(0), None),
            _ => (None, None),
        };
        for (keyword, bound) in [("minimum", minimum), ("maximum", maximum)] {
            if bound.is_some() && self.rest.get(keyword).and_then(Json::as_i64) == bound {
                self.take(keyword);
            }
        }
    }

    /// The marks of `x-terraform`: one string or an array of them.
    pub fn take_marks(&mut self) -> Result<Vec<&'static str>, Error> {
        let given = match self.take("x-terraform") {
            None => return Ok(Vec::new()),
            Some(Json::Array(marks)) => marks,
            Some(mark) => vec![mark],
        };
        let known = |mark: &Json| MARKS.into_iter().find(|known| mark.as_str() == Some(known));
        let marks = given.iter().map(|mark| {
            known(mark)
                .ok_or_else(|| self.error(Fault::Mark(mark.as_str().map_or_else(|| mark.to_string(), str::to_owned))))
        });
        marks.collect()
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), Error> {
        self.first_left().map_or(Ok(()), Err)
    }

    pub fn error(&self, fault: Fault) -> Error {
        Error { path: self.path.clone(), fault }
    }

    fn first_left(&self) -> Option<Error> {
        self.rest.keys().next().map(|keyword| self.error(Fault::Keyword(keyword.clone())))
    }
}
