//! What a side of a comparison is worth: how uncertain its mean is, where values come in bursts and neighbours in time
//! resemble each other.
//!
//! Takes the values of a side step by step; gives its [`Evidence`]. The variance of a sum of n independent values is n times
//! the variance of one. That of the steps' sums is larger where the values of a step have something in common
//! (overdispersion), and that of the whole larger again where steps resemble the next ones: by the sum of their
//! autocorrelations (Bayley and Hammersley 1946), as far as these are positive (Geyer 1992), and at least by what a
//! first-order autoregression with the same first one makes of it, (1+r)/(1-r). An autocorrelation measured about the mean
//! of the same steps is too low, by (1+3r)/n (Marriott and Pope 1954), which is given back.

/// Steps are held against those up to a quarter of the side farther on: beyond, few pairs are left.
const LAG_DIVISOR: usize = 4;

/// Neighbours that are more alike than this are one value.
const RESEMBLANCE_MOST: f64 = 0.97;

/// The values of one step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub count: f64,
    pub sum: f64,
    pub squares: f64,
}

impl Sums {
    /// Values that are 1 for each of the `hits` and 0 otherwise.
    pub(super) fn of_hits(count: f64, hits: f64) -> Self {
        Self {
            count,
            sum: hits,
            squares: hits,
        }
    }
}

/// What counts as a resemblance of neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caution {
    /// Up to so many of its standard errors a resemblance is taken for chance.
    pub errors: f64,
    /// What a step is known to keep of the one before, whatever was measured.
    pub memory: f64,
}

/// A side's values in sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub count: f64,
    pub sum: f64,
    /// Steps in which there was something.
    pub steps: usize,
    /// The sum of squares about the mean.
    pub spread: f64,
    /// How much more uncertain the mean is than that of as many independent values.
    pub inflation: f64,
    /// Steps that tell something of their own: how well the inflation is known.
    pub freedom: f64,
}

impl Evidence {
    pub(super) fn of(steps: impl Iterator<Item = Sums>, caution: Caution) -> Self {
        let steps: Vec<Sums> = steps.filter(|step| step.count > 0.0).collect();
        let [count, sum, squares] = steps.iter().fold([0.0; 3], |[count, sum, squares], step| {
            [count + step.count, sum + step.sum, squares + step.squares]
        });
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        let residuals: Vec<f64> = steps.iter().map(|step| step.sum - step.count * mean).collect();
        let scatter: f64 = residuals.iter().map(|residual| residual * residual).sum();
        let of_each_other = (steps.len() as f64 - 1.0).max(0.0);
        let lasting = lasting(&residuals, scatter, caution);
        // What is left of a difference of equal numbers is rounding.
        let spread = squares - sum * mean;
        let spread = if spread > 1e-9 * squares { spread } else { 0.0 };
        let overdispersion = if spread > 0.0 && of_each_other > 0.0 {
            scatter / spread * steps.len() as f64 / of_each_other
        } else {
            1.0
        };
        Self {
            count,
            sum,
            steps: steps.len(),
            spread,
            inflation: overdispersion * lasting,
            freedom: of_each_other / lasting,
        }
    }

    pub(super) fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// The variance that a mean of one value would have, were it as uncertain for its number as this one.
    pub(super) fn long_run_variance(&self) -> f64 {
        self.spread / self.count * self.inflation
    }
}

/// By how much a deviation has to be larger than were its uncertainty known: Student's t at p = 0.01 against the normal
/// distribution, by the first term of its expansion, (z² + 1) / 4 over the degrees of freedom.
pub(super) fn widening(freedom: f64) -> f64 {
    1.0 + 1.9 / freedom
}

/// By how much the variance of a sum is larger than were its parts independent; at least 1.
fn lasting(residuals: &[f64], scatter: f64, caution: Caution) -> f64 {
    let n = residuals.len() as f64;
    let remembered = (1.0 + caution.memory) / (1.0 - caution.memory);
    if scatter <= 0.0 {
        return remembered;
    }
    let measured = |lag: usize| -> f64 {
        let pairs = residuals.iter().zip(&residuals[lag..]);
        pairs.map(|(a, b)| a * b).sum::<f64>() / scatter
    };
    let least = caution.errors / n.sqrt();
    let lags = 1..=residuals.len() / LAG_DIVISOR;
    let sum: f64 = lags
        .map(|lag| measured(lag) + 1.0 / n)
        .take_while(|resemblance| *resemblance > least)
        .sum();
    if sum <= 0.0 {
        return remembered;
    }
    let next = measured(1);
    let next = (next + (1.0 + 3.0 * next) / n).clamp(0.0, RESEMBLANCE_MOST);
    (1.0 + 2.0 * sum).max((1.0 + next) / (1.0 - next)).max(remembered)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Caution = Caution {
        errors: 0.0,
        memory: 0.0,
    };

    fn of(values: &[f64]) -> Evidence {
        let sums = values.iter().map(|value| Sums {
            count: 1.0,
            sum: *value,
            squares: value * value,
        });
        Evidence::of(sums, OPEN)
    }

    #[test]
    fn alternating_values_are_worth_what_they_are_many() {
        let found = of(&[1.0, 3.0].repeat(40));
        assert_eq!((found.mean(), found.spread, found.freedom), (2.0, 80.0, 79.0));
        assert!((found.inflation - 80.0 / 79.0).abs() < 1e-12);
    }

    #[test]
    fn values_that_stay_are_worth_less() {
        let runs: Vec<f64> = (0..80).map(|at| f64::from(at / 8 % 2)).collect();
        let found = of(&runs);
        assert!((5.0..20.0).contains(&found.inflation), "{found:?}");
        assert!((4.0..16.0).contains(&found.freedom), "{found:?}");
    }

    #[test]
    fn a_burst_in_one_step_is_about_one_value() {
        let step = |at| Sums::of_hits(100.0, if at == 7 { 60.0 } else { 0.0 });
        let found = Evidence::of((0..30).map(step), OPEN);
        assert!((50.0..70.0).contains(&found.inflation), "{found:?}");
    }

    #[test]
    fn what_is_known_to_be_smooth_counts_as_such_though_it_stands_still() {
        let sums = (0..60).map(|_| Sums::of_hits(1.0, 1.0));
        let found = Evidence::of(sums, Caution { memory: 0.9, ..OPEN });
        assert_eq!(found.spread, 0.0);
        assert!((found.freedom - 59.0 / 19.0).abs() < 1e-9, "{found:?}");
    }
}
