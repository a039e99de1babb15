//! Writes a tree of JSON as XML elements. Nulls are left out; how the elements of a list are called, the protocol
//! tells by the list's name.

use serde_json::Value as Json;

/// How the elements of a list are called.
pub type Naming = fn(&str) -> &'static str;

/// Writes the members of a structure.
pub fn members(out: &mut String, structure: &Json, element: Naming) {
    for (name, value) in structure.as_object().into_iter().flatten() {
        write(out, name, value, element);
    }
}

/// Writes one element.
pub fn write(out: &mut String, name: &str, value: &Json, element: Naming) {
    if value.is_null() {
        return;
    }
    let start = out.len();
    *out += "<";
    *out += name;
    *out += ">";
    let inside = out.len();
    match value {
        Json::Null => {}
        Json::Bool(truth) => *out += if *truth { "true" } else { "false" },
        Json::Number(number) => *out += &number.to_string(),
        Json::String(text) => escape(out, text),
        Json::Array(elements) => elements.iter().for_each(|one| write(out, element(name), one, element)),
        Json::Object(_) => members(out, value, element),
    }
    if out.len() == inside {
        out.truncate(start);
        *out += &format!("<{name}/>");
    } else {
        *out += &format!("</{name}>");
    }
}

/// What XML can't say at all becomes U+FFFD; a carriage return would be read as a line feed if it stood there itself.
fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => *out += "&amp;",
            '<' => *out += "&lt;",
            '>' => *out += "&gt;",
            '"' => *out += "&quot;",
            '\r' => *out += "&#13;",
            '\t' | '\n' => out.push(letter),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
}
