//! The cost limit of a run.

use crate::error::{Error, ErrorKind};
use crate::usage::Tokens;

/// Prices per token, in any currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    pub input: f64,
    /// For input that was in the server's cache.
    pub cached: f64,
    /// For input that the server wrote to its cache.
    pub cache_write: f64,
    pub output: f64,
}

impl Price {
    fn of(self, tokens: Tokens) -> f64 {
        let cached = tokens.cached.min(tokens.input);
        let written = tokens.cache_write.min(tokens.input - cached);
        let other = tokens.input - cached - written;
        other as f64 * self.input
            + cached as f64 * self.cached
            + written as f64 * self.cache_write
            + tokens.output as f64 * self.output
    }

    /// The maximum cost of a request, before it is known how much of its input is cached.
    fn at_most(self, input: f64, output: f64) -> f64 {
        input * self.input.max(self.cache_write) + output * self.output
    }
}

/// The maximum cost of a request that has no answer yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reservation {
    cost: f64,
    /// Whether the request does not limit its answer, and no previous answer suggests a length.
    is_open: bool,
}

/// The properties of a request that determine its maximum cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct CostFactors {
    pub price: Price,
    pub input: f64,
    /// The maximum number of output tokens, if the request sets one.
    pub output: Option<f64>,
}

/// Whether a request may be sent.
#[derive(Debug, PartialEq)]
pub(super) enum Admission {
    Admitted(Reservation),
    /// Only after an active request has finished.
    Deferred,
    /// Its cost might exceed the rest of the budget.
    Rejected(Error),
}

/// The remaining budget of a run. A request is sent only if the cost so far, the maximum cost of
/// active requests and its own maximum cost are within the limit.
#[derive(Debug)]
pub(super) struct Budget {
    most: f64,
    spent: f64,
    reserved: f64,
    max_output: Option<f64>,
}

impl Budget {
    pub fn new(most: f64, spent: f64) -> Self {
        Budget {
            most,
            spent,
            reserved: 0.0,
            max_output: None,
        }
    }

    /// Whether a request may be sent now. `others` says whether requests are active.
    pub fn admit(&mut self, cost_factors: CostFactors, others: bool) -> Admission {
        let output = cost_factors.output.or(self.max_output);
        let reserve = Reservation {
            cost: cost_factors
                .price
                .at_most(cost_factors.input, output.unwrap_or(0.0)),
            is_open: output.is_none(),
        };
        // The first answer gives an estimate of the length of unlimited answers.
        let fits = self.spent + self.reserved + reserve.cost <= self.most;
        if fits && !(reserve.is_open && others) {
            self.reserved += reserve.cost;
            return Admission::Admitted(reserve);
        }
        match others {
            true => Admission::Deferred,
            false => Admission::Rejected(self.exhausted_error(reserve)),
        }
    }

    /// A request has finished with an answer that reported these tokens, or `None` if it failed.
    pub fn settle(&mut self, reserve: Reservation, price: Price, answered: Option<Option<Tokens>>) {
        self.reserved = (self.reserved - reserve.cost).max(0.0);
        match answered {
            None => {}
            // Without reported tokens, assume the maximum cost.
            Some(None) => self.spent += reserve.cost,
            Some(Some(tokens)) => {
                self.spent += price.of(tokens);
                let output = tokens.output as f64;
                self.max_output = Some(self.max_output.unwrap_or(0.0).max(output));
            }
        }
    }

    fn exhausted_error(&self, reserve: Reservation) -> Error {
        let (most, spent, next) = (self.most, self.spent, reserve.cost);
        let message = format!(
            "The run stopped before its cost could exceed `max_cost` ({most:.6}): it has cost \
             {spent:.6}, and the next request may cost {next:.6}."
        );
        Error::new(ErrorKind::Budget, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: Price = Price {
        input: 1.0,
        cached: 0.5,
        cache_write: 1.0,
        output: 2.0,
    };

    fn cost_factors(input: f64, output: Option<f64>) -> CostFactors {
        CostFactors {
            price: PRICE,
            input,
            output,
        }
    }

    fn tokens(input: u64, cached: u64, output: u64) -> Tokens {
        Tokens {
            input,
            cached,
            output,
            ..Tokens::default()
        }
    }

    fn go(budget: &mut Budget, cost_factors: CostFactors, others: bool) -> Reservation {
        match budget.admit(cost_factors, others) {
            Admission::Admitted(reserve) => reserve,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn requests_are_sent_while_the_maximum_cost_is_within_the_limit() {
        let mut budget = Budget::new(25.0, 0.0);
        let each = cost_factors(2.0, Some(4.0));
        let first = go(&mut budget, each, false);
        go(&mut budget, each, true);
        assert_eq!(budget.admit(each, true), Admission::Deferred);
        // It cost 1 + 0.5 + 2 of the 10 that were reserved.
        budget.settle(first, PRICE, Some(Some(tokens(2, 1, 1))));
        go(&mut budget, each, true);
        assert_eq!(budget.admit(each, true), Admission::Deferred);
    }

    #[test]
    fn cache_writes_have_their_own_price() {
        let price = Price {
            cache_write: 1.5,
            ..PRICE
        };
        let used = Tokens {
            cache_write: 4,
            ..tokens(10, 2, 1)
        };
        assert_eq!(price.of(used), 4.0 + 2.0 * 0.5 + 4.0 * 1.5 + 2.0);
        assert_eq!(price.at_most(10.0, 1.0), 17.0);
    }

    #[test]
    fn a_request_beyond_the_budget_ends_the_run() {
        let mut budget = Budget::new(9.0, 0.0);
        let admission = budget.admit(cost_factors(2.0, Some(4.0)), false);
        assert!(matches!(admission, Admission::Rejected(error) if error.kind == ErrorKind::Budget));
    }

    #[test]
    fn unlimited_answers_are_assumed_as_long_as_the_longest() {
        let mut budget = Budget::new(100.0, 0.0);
        let open = cost_factors(1.0, None);
        let first = go(&mut budget, open, false);
        assert_eq!(budget.admit(open, true), Admission::Deferred);
        budget.settle(first, PRICE, Some(Some(tokens(1, 0, 20))));
        go(&mut budget, open, false);
        assert_eq!(
            budget.admit(open, true),
            Admission::Deferred,
            "41 + 41 + 41 > 100"
        );
    }

    #[test]
    fn failures_cost_nothing_and_unreported_usage_the_maximum() {
        let mut budget = Budget::new(20.0, 0.0);
        let each = cost_factors(2.0, Some(4.0));
        let failed = go(&mut budget, each, false);
        budget.settle(failed, PRICE, None);
        for _ in 0..2 {
            let unreported = go(&mut budget, each, false);
            budget.settle(unreported, PRICE, Some(None));
        }
        assert!(matches!(budget.admit(each, false), Admission::Rejected(_)));
    }
}
