//! What stands in which column.

use super::field::{FIELDS, Field, NAMES};
use super::service::Service;
use crate::problem::{Problem, nearest};

/// A column that somebody named: its header, and what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub header: String,
    pub field: Field,
}

/// In which column stands what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub service: Service,
    places: [Option<usize>; FIELDS],
    pub count: usize,
}

impl std::str::FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (header, field) = text
            .rsplit_once('=')
            .ok_or("write it as COLUMN=FIELD, like \"E-mail=email\"")?;
        let known = NAMES.iter().find(|(name, _)| *name == field.trim());
        let all = || NAMES.map(|(name, _)| name).join(", ");
        let (_, field) = known.ok_or_else(|| format!("there is no field `{field}`: {}", all()))?;
        Ok(Self {
            header: header.trim().to_owned(),
            field: *field,
        })
    }
}

impl Columns {
    /// The columns of a file with these `headers`, recognised by their names where
    /// `mappings` do not say what they tell.
    ///
    /// # Errors
    ///
    /// Where no column holds addresses, one that was named is not there, or two tell
    /// the same.
    pub fn find(headers: &[&str], mappings: &[Mapping], name: &str) -> Result<Self, Problem> {
        let service = Service::of(headers);
        let mut columns = Self {
            service,
            places: [None; FIELDS],
            count: headers.len(),
        };
        for mapping in mappings {
            let wanted = |header: &&str| header.eq_ignore_ascii_case(&mapping.header);
            let at = headers.iter().position(wanted);
            let at = at.ok_or_else(|| no_column(headers, &mapping.header, name))?;
            columns.place(mapping.field, at, headers, name)?;
        }
        let taken = columns.places;
        for (at, header) in headers.iter().enumerate() {
            if taken.contains(&Some(at)) {
                continue;
            }
            if let Some(field) = service.field(header)
                && taken[field as usize].is_none()
            {
                columns.place(field, at, headers, name)?;
            }
        }
        match columns.at(Field::Email) {
            Some(_) => Ok(columns),
            None => Err(no_addresses(headers, name)),
        }
    }

    /// The column of `field`, counted from 0.
    pub fn at(&self, field: Field) -> Option<usize> {
        self.places[field as usize]
    }

    /// Whether the column `at` tells something.
    pub fn has_read(&self, at: usize) -> bool {
        self.places.contains(&Some(at))
    }

    /// Whether any column tells how somebody agreed.
    pub fn tell_of_consent(&self) -> bool {
        let telling = [Field::Consent, Field::Basis, Field::Confirmed];
        telling.iter().any(|field| self.at(*field).is_some())
    }

    fn place(
        &mut self,
        field: Field,
        at: usize,
        headers: &[&str],
        name: &str,
    ) -> Result<(), Problem> {
        let place = &mut self.places[field as usize];
        if let Some(other) = place.replace(at) {
            let message = format!(
                "{name}:1: the columns `{}` and `{}` tell the same",
                headers[other], headers[at]
            );
            let help = "say which one counts: --map \"COLUMN=FIELD\"";
            return Err(Problem::new(message, help));
        }
        Ok(())
    }
}

fn no_column(headers: &[&str], wanted: &str, name: &str) -> Problem {
    let help = match nearest(wanted, headers.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the columns are: {}", headers.join(", ")),
    };
    Problem::new(format!("{name}:1: there is no column `{wanted}`"), help)
}

fn no_addresses(headers: &[&str], name: &str) -> Problem {
    let looks_like_one = headers.iter().any(|header| header.contains('@'));
    let help = if looks_like_one {
        "begin the file with a line of column names, like email,name,language,cities,consent,evidence"
            .to_owned()
    } else {
        format!(
            "name the one with the addresses: --map \"COLUMN=email\"; the columns are: {}",
            headers.join(", ")
        )
    };
    Problem::new(format!("{name}:1: there is no column `email`"), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_can_be_named_by_hand() {
        let mapping: Mapping = "Courriel=email".parse().expect("a mapping");
        let columns = Columns::find(&["Nom", "Courriel"], &[mapping], "x.csv").expect("found");
        assert_eq!(columns.at(Field::Email), Some(1));

        assert!("Courriel".parse::<Mapping>().is_err());
        assert!("Courriel=adress".parse::<Mapping>().is_err());
        let missing = "Mail=email".parse::<Mapping>().expect("a mapping");
        let problem = Columns::find(&["Maill", "x"], &[missing], "x.csv").expect_err("no column");
        assert_eq!(problem.help.as_deref(), Some("did you mean `Maill`?"));
    }

    #[test]
    fn two_columns_that_tell_the_same_are_refused() {
        assert!(Columns::find(&["email", "Email"], &[], "x.csv").is_err());
    }
}
