#!/usr/bin/env Rscript
# Writes statistics_r.json: the statistics of reports as base R has them.
# Needs R (r-base-core):  Rscript tests/golden/make_r_goldens.R
# SciPy has no Holm correction and no power of a t-test; the rest is checked by both.

samples <- list(
    mixed = c(0.3, -0.1, 0.7, 0.45, -0.2, 0.9, 0.05, 0.6, 0.8, -0.35),
    positive = c(0.011, 0.004, 0.019, 0.007, 0.013),
    darwin = c(49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48))
margins <- c(mixed = 0.7, positive = 0.02, darwin = 50)

numbers <- function(x) paste0("[", paste(sprintf("%.9g", x), collapse = ", "), "]")

# Two one-sided tests: the larger p.
equivalence <- function(x, margin)
    max(t.test(x, mu = -margin, alternative = "greater")$p.value,
        t.test(x, mu = margin, alternative = "less")$p.value)

sample_json <- function(name) {
    x <- samples[[name]]
    power <- power.t.test(n = length(x), sd = sd(x), sig.level = 0.05, power = 0.8, type = "one.sample")
    sprintf(paste('    "%s": {"values": %s, "quantiles": %s, "deviation": %.9g, "wilcoxon": %.9g,',
                  '"paired_t": %.9g, "margin": %.9g, "equivalence": %.9g, "detectable": %.9g}'),
            name, numbers(x), numbers(quantile(x, c(0, 0.25, 0.5, 0.75, 1), type = 7)), sd(x),
            wilcox.test(x, exact = TRUE)$p.value, t.test(x)$p.value, margins[[name]],
            equivalence(x, margins[[name]]), power$delta)
}

holm_json <- function(p)
    sprintf('    {"values": %s, "adjusted": %s}', numbers(p), numbers(p.adjust(p, "holm")))

set.seed(1)
p_values <- list(c(0.01, 0.04, 0.03, 0.005), c(0.5, 0.9, 0.001, 0.04, 0.04, 0.7), round(runif(15)^3, 4))

path <- file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "statistics_r.json")
writeLines(c("{",
             sprintf('  "made_by": {"R": "%s.%s"},', R.version$major, R.version$minor),
             '  "samples": {', paste(sapply(names(samples), sample_json), collapse = ",\n"), "  },",
             '  "holm": [', paste(sapply(p_values, holm_json), collapse = ",\n"), "  ]",
             "}"), path)
