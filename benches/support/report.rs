//! Medians and ratios, and the table that shows them.

/// How much one thing costs of another.
pub(crate) struct Ratio {
    database: &'static str,
    name: &'static str,
    value: f64,
    most: Option<f64>,
}

impl Ratio {
    /// The median of the rounds' ratios: both sides of a round met the same machine.
    pub(crate) fn between(database: &'static str, name: &'static str, one: &[f64], other: &[f64]) -> Self {
        let of_rounds: Vec<f64> = one.iter().zip(other).map(|(one, other)| one / other).collect();
        Self { database, name, value: median(&of_rounds), most: None }
    }

    pub(crate) fn at_most(self, most: f64) -> Self {
        Self { most: Some(most), ..self }
    }

    pub(crate) fn holds(&self) -> bool {
        self.most.is_none_or(|most| self.value <= most)
    }
}

/// The value in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The middle, and between what the middle half lies.
pub(crate) fn spread(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |part: usize| sorted.get((sorted.len() - 1) * part / 4).copied().unwrap_or(f64::NAN);
    format!("{:8.1}  ({:.1} to {:.1})", median(values), at(1), at(3))
}

/// Prints them.
pub(crate) fn ratios(ratios: &[Ratio]) {
    println!("\n  ratios");
    for Ratio { database, name, value, most } in ratios {
        let verdict = match most {
            Some(most) if value <= most => format!("at most {most}: holds"),
            Some(most) => format!("at most {most}: MISSED"),
            None => String::new(),
        };
        println!("  {database:11} {name:38} {value:6.2}  {verdict}");
    }
}
