//! The constraints of the parameters (service model), in the words in which AWS refuses what breaks them.

use super::invalid;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

#[track_caller]
fn breach(member: &str, value: &str, constraint: &str) -> Refusal {
    let mut letters = member.chars();
    let member: String = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
    let why = format!("Value {value} at '{member}' failed to satisfy constraint: Member must {constraint}");
    invalid(format!("1 validation error detected: {why}"))
}

/// A text of 1 to `most` characters that must be there.
pub fn text<'a>(ask: &'a Ask, member: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = ask.text(member).ok_or_else(|| breach(member, "null", "not be null"))?;
    match text.chars().count() {
        0 => Err(breach(member, "''", "have length greater than or equal to 1")),
        count if count > most => Err(breach(member, "", &format!("have length less than or equal to {most}"))),
        _ => Ok(text),
    }
}

/// A name of a policy or scheduled action: printable, at most 256 characters; an action's without `:` and `/`.
pub fn name<'a>(ask: &'a Ask, member: &str, without: &str) -> Result<&'a str, Refusal> {
    let name = text(ask, member, 256)?;
    match name.chars().any(|letter| letter.is_control() || without.contains(letter)) {
        true => Err(breach(member, &format!("'{name}'"), "satisfy regular expression pattern")),
        false => Ok(name),
    }
}

/// A whole number of at least 0; none if it didn't come.
pub fn count(ask: &Ask, member: &str) -> Result<Option<i64>, Refusal> {
    if ask.get(member).is_null() {
        return Ok(None);
    }
    let count = ask.number(member).filter(|count| (0..=i64::from(i32::MAX)).contains(count));
    count.map(Some).ok_or_else(|| breach(member, &ask.get(member).to_string(), "be a number of at least 0"))
}
