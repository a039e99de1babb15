//! Durations as Go writes them, Terraform's convention: `45m`, `1h30m`, `1.5h`, `90s`.

use std::time::Duration;

/// Reads a Go duration. Units are h, m, s and ms.
///
/// # Errors
/// A sentence that says what is expected.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration: expected numbers with units, such as \"45m\" or \"1h30m\"");
    let (mut rest, mut total) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let units = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..units] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return Err(wrong()),
            };
        rest = &rest[units..];
    }
    match Duration::try_from_secs_f64(total) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        let seconds = |text| parse(text).map(|time| time.as_secs_f64());
        assert_eq!(seconds("45m"), Ok(2700.0));
        assert_eq!(seconds("1h30m"), Ok(5400.0));
        assert_eq!(seconds("1.5h"), Ok(5400.0));
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("1500ms"), Ok(1.5));
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "30", "m", "-5m", "1 h", "5x", "0s", "1..5h", "1e400h", "１h"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
