//! Domain names as Route 53 keeps them: in lower case, with a dot at the end, and what isn't a letter, digit, hyphen or
//! underscore as an escape of three octal digits (Developer Guide, "DNS domain name format").

/// Why a name is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flaw {
    LabelEmpty,
    LabelTooLong,
    TooLong,
    Unsupported,
}

impl Flaw {
    /// Their codes and words, as seen in messages in the wild; the two long ones unverified.
    pub fn words(self) -> &'static str {
        match self {
            Self::LabelEmpty => "DomainLabelEmpty (Domain label is empty)",
            Self::LabelTooLong => "DomainLabelTooLong (Domain label is too long)",
            Self::TooLong => "DomainNameTooLong (Domain name is too long)",
            Self::Unsupported => "UnsupportedCharacter (Value contains unsupported characters)",
        }
    }
}

/// The name in the form that answers have: `*.Example.com` is `\052.example.com.`.
///
/// # Errors
/// Labels of 1 to 63 bytes, 255 in all, printable ASCII.
pub fn normal(name: &str) -> Result<String, Flaw> {
    let mut rest = name.strip_suffix('.').unwrap_or(name).bytes().peekable();
    let (mut out, mut label, mut whole) = (String::new(), 0, 0);
    while let Some(byte) = rest.next() {
        whole += 1;
        let byte = match byte {
            b'.' if label == 0 => return Err(Flaw::LabelEmpty),
            b'.' => {
                out.push('.');
                label = 0;
                continue;
            }
            b'\\' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(8));
                let (Some(high), Some(middle), Some(low)) = (digit(), digit(), digit()) else {
                    return Err(Flaw::Unsupported);
                };
                u8::try_from(high * 64 + middle * 8 + low).map_err(|_| Flaw::Unsupported)?
            }
            b'!'..=b'~' => byte.to_ascii_lowercase(),
            _ => return Err(Flaw::Unsupported),
        };
        label += 1;
        if label > 63 {
            return Err(Flaw::LabelTooLong);
        }
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            _ => out += &format!("\\{byte:03o}"),
        }
    }
    match (label, whole) {
        (0, _) => Err(Flaw::LabelEmpty),
        (_, 254..) => Err(Flaw::TooLong),
        _ => Ok(out + "."),
    }
}

/// What names are sorted by: the labels reversed, the last dot included (API reference, ListResourceRecordSets).
pub fn order(normal: &str) -> String {
    normal.trim_end_matches('.').rsplit('.').flat_map(|label| [label, "."]).collect()
}

/// Whether a name is a zone's own, or lies below it.
pub fn within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (given, expected) in [
            ("Example.COM", "example.com."),
            ("example.com.", "example.com."),
            ("*.example.com", "\\052.example.com."),
            ("\\052.example.com", "\\052.example.com."),
            ("_a-1.example.com", "_a-1.example.com."),
            ("a\\056b.c", "a\\056b.c."),
        ] {
            assert_eq!(normal(given), Ok(expected.into()), "{given}");
        }
        let (long, many) = ("a".repeat(64), "a.".repeat(127) + "a");
        for (given, flaw) in [
            ("", Flaw::LabelEmpty),
            (".", Flaw::LabelEmpty),
            ("a..b", Flaw::LabelEmpty),
            (long.as_str(), Flaw::LabelTooLong),
            (many.as_str(), Flaw::TooLong),
            ("ä.b", Flaw::Unsupported),
            ("a b", Flaw::Unsupported),
            ("a\\05", Flaw::Unsupported),
            ("a\\777", Flaw::Unsupported),
        ] {
            assert_eq!(normal(given), Err(flaw), "{given}");
        }
        assert_eq!((order("www.example.com."), order("com.")), ("com.example.www.".into(), "com.".into()));
        assert!(order("example-x.com.") < order("example.com."));
        assert!(within("a.b.", "b.") && within("b.", "b.") && !within("ab.", "b."));
    }
}
