//! The constraints of IAM's parameters, and the words in which IAM refuses what breaks them.
//!
//! Lengths and patterns are those of botocore's service model.

use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

#[track_caller]
pub fn no_entity(message: impl Into<String>) -> Refusal {
    Refusal::new("NoSuchEntity", message).with_status(404)
}

#[track_caller]
pub fn exceeded(message: impl Into<String>) -> Refusal {
    Refusal::new("LimitExceeded", message).with_status(409)
}

#[track_caller]
pub fn invalid(member: &str, value: &str, constraint: &str) -> Refusal {
    let member = lower_first(member);
    let value = if value == "null" { value.to_owned() } else { format!("'{value}'") };
    let why = format!("Value {value} at '{member}' failed to satisfy constraint: Member must {constraint}");
    Refusal::new("ValidationError", format!("1 validation error detected: {why}"))
}

fn lower_first(member: &str) -> String {
    let mut letters = member.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

pub fn required<'a>(ask: &'a Ask, member: &str) -> Result<&'a str, Refusal> {
    ask.text(member).ok_or_else(|| invalid(member, "null", "not be null"))
}

pub fn length(member: &str, value: &str, least: usize, most: usize) -> Result<(), Refusal> {
    match value.chars().count() {
        count if count < least => Err(invalid(member, value, &format!("have length greater than or equal to {least}"))),
        count if count > most => Err(invalid(member, value, &format!("have length less than or equal to {most}"))),
        _ => Ok(()),
    }
}

/// Names of roles and policies: `[\w+=,.@-]+`.
pub fn name<'a>(ask: &'a Ask, member: &str, most: usize) -> Result<&'a str, Refusal> {
    let name = required(ask, member)?;
    length(member, name, 1, most)?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    match name.chars().all(fits) {
        true => Ok(name),
        false => Err(invalid(member, name, r"satisfy regular expression pattern: [\w+=,.@-]+")),
    }
}

/// `/`, or printable ASCII between slashes.
pub fn path(ask: &Ask) -> Result<String, Refusal> {
    let Some(path) = ask.text("Path") else { return Ok("/".into()) };
    length("Path", path, 1, 512)?;
    let whole = path.starts_with('/') && path.ends_with('/') && path.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    let constraint = r"satisfy regular expression pattern: (\u002F)|(\u002F[\u0021-\u007E]+\u002F)";
    if whole { Ok(path.to_owned()) } else { Err(invalid("Path", path, constraint)) }
}

/// `/` and printable ASCII.
pub fn path_prefix(ask: &Ask) -> Result<String, Refusal> {
    let Some(prefix) = ask.text("PathPrefix") else { return Ok("/".into()) };
    length("PathPrefix", prefix, 1, 512)?;
    let fits = prefix.starts_with('/') && prefix.bytes().all(|byte| (0x21..=0x7f).contains(&byte));
    let constraint = r"satisfy regular expression pattern: \u002F[\u0021-\u007F]*";
    if fits { Ok(prefix.to_owned()) } else { Err(invalid("PathPrefix", prefix, constraint)) }
}

/// A number within bounds; none if it didn't come.
pub fn number(ask: &Ask, member: &str, least: i64, most: i64) -> Result<Option<i64>, Refusal> {
    if ask.get(member).is_null() {
        return Ok(None);
    }
    let malformed = || Refusal::new("MalformedInput", format!("{member} is not a number"));
    match ask.number(member).ok_or_else(malformed)? {
        number if number < least => {
            Err(invalid(member, &number.to_string(), &format!("have value greater than or equal to {least}")))
        }
        number if number > most => {
            Err(invalid(member, &number.to_string(), &format!("have value less than or equal to {most}")))
        }
        number => Ok(Some(number)),
    }
}

/// The description of a role: printable, up to 1000 characters.
pub fn description(ask: &Ask) -> Result<Option<String>, Refusal> {
    let Some(text) = ask.text("Description") else { return Ok(None) };
    length("Description", text, 0, 1000)?;
    let fits = |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    let constraint = r"satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*";
    match text.chars().all(fits) {
        true => Ok(Some(text.to_owned())),
        false => Err(invalid("Description", text, constraint)),
    }
}
