//! Numbers without loss. Terraform computes with 512 bits of mantissa, so neither `i64` nor `f64` holds every number.
//!
//! Every number from outside comes in through here: `1e999999999` is ten bytes long, but writing it out takes a gigabyte.

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, ToPrimitive};

/// More digits, before or after the point, than any double or 512-bit number that Terraform writes has.
const DIGITS: usize = 2000;

/// Reads a decimal number: `12`, `-0.5`, `1e3`. None for anything else and for numbers of absurd length.
pub fn parse(text: &str) -> Option<BigDecimal> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    if text.len() > DIGITS || !text.bytes().all(plain) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    bounded(text.parse().ok()?)
}

/// A double, exactly. None for infinities and NaN.
pub fn from_f64(double: f64) -> Option<BigDecimal> {
    bounded(BigDecimal::try_from(double).ok()?)
}

/// As an integer, if it is one and fits.
pub fn as_i64(number: &BigDecimal) -> Option<i64> {
    number.is_integer().then(|| number.to_i64()).flatten()
}

/// As a double, if a double holds exactly this number.
pub fn as_exact_f64(number: &BigDecimal) -> Option<f64> {
    let double = number.to_string().parse::<f64>().ok().filter(|double| double.is_finite())?;
    (BigDecimal::try_from(double).ok()? == *number).then_some(double)
}

/// Digits with at most one point, no exponent.
pub fn text(number: &BigDecimal) -> String {
    number.normalized().to_plain_string()
}

fn bounded(number: BigDecimal) -> Option<BigDecimal> {
    let (digits, scale) = number.as_bigint_and_scale();
    if digits.sign() == Sign::NoSign {
        return Some(BigDecimal::default());
    }
    (usize::try_from(scale.unsigned_abs()).ok()? <= DIGITS).then(|| number.normalized())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_numbers_are_read_exactly() {
        for (given, wanted) in [("12", "12"), ("-0.50", "-0.5"), ("1e3", "1000"), ("+7", "7"), ("0e99999", "0")] {
            assert_eq!(text(&parse(given).unwrap()), wanted, "{given}");
        }
        let long = "12345678901234567890123.000000000000000000001";
        assert_eq!(text(&parse(long).unwrap()), long);
    }

    #[test]
    fn other_text_and_absurd_lengths_are_refused() {
        for given in
            ["", "-", "e", "0x10", "1_000", " 1", "NaN", "inf", "1e999999999", "1e-999999999", "1e99999999999999999999"]
        {
            assert_eq!(parse(given), None, "{given}");
        }
        assert_eq!(parse(&"9".repeat(DIGITS + 1)), None);
    }

    #[test]
    fn a_double_is_taken_at_its_exact_value() {
        assert_eq!(text(&from_f64(0.5).unwrap()), "0.5");
        assert_ne!(from_f64(0.1), parse("0.1"));
        for double in [f64::MAX, f64::MIN_POSITIVE, 5e-324, -1.0 / 3.0] {
            assert_eq!(as_exact_f64(&from_f64(double).unwrap()), Some(double), "{double}");
        }
        assert_eq!(from_f64(f64::INFINITY), None);
        assert_eq!(from_f64(f64::NAN), None);
    }

    #[test]
    fn only_exact_conversions_are_given() {
        assert_eq!(as_exact_f64(&parse("0.1").unwrap()), None);
        assert_eq!(as_exact_f64(&parse("1e400").unwrap()), None);
        assert_eq!(as_i64(&parse("1.5").unwrap()), None);
        assert_eq!(as_i64(&parse("9223372036854775807").unwrap()), Some(i64::MAX));
        assert_eq!(as_i64(&parse("9223372036854775808").unwrap()), None);
    }
}
