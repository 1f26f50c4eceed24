using CsCheck;
using Sessions.Domain.Querying;

namespace Sessions.Domain.Tests.Querying;

public sealed class FormulaTests
{
    [Theory]
    [InlineData("A", 6.0)]
    [InlineData("A / B", 3.0)]
    [InlineData("A + B * C", 16.0)] // products first
    [InlineData("(A + B) * C", 40.0)]
    [InlineData("A - B - C", -1.0)] // from the left
    [InlineData("A / B / C", 0.6)]
    [InlineData("-A + 1.5", -4.5)]
    [InlineData("--A", 6.0)]
    [InlineData("+A*-B", -12.0)]
    [InlineData(" 100*A/ (B+C) ", 85.714285714285714)]
    [InlineData(".5 + 0.25", 0.75)]
    [InlineData("A/(B-2)", null)] // nothing can be divided by zero
    [InlineData("0/0", null)]
    [InlineData("1/(A/0)", null)] // nor divide anything afterwards
    [InlineData("D + 1", null)] // nothing plus one is nothing
    [InlineData("0 * D", null)]
    public void A_formula_is_calculated_with_the_usual_precedence(string text, double? expected)
    {
        double?[] series = [6, 2, 5, null];

        Assert.True(Formula.TryParse(text, series.Length, out Formula? formula, out _));
        Assert.Equal(expected, formula.Of(index => series[index]));
    }

    [Theory]
    [InlineData("", "ends")]
    [InlineData("A +", "ends")]
    [InlineData("(A", "parenthesis")]
    [InlineData("A)", "character 2")]
    [InlineData("A B", "character 3")]
    [InlineData("a", "character 1")]
    [InlineData("A ^ 2", "character 3")]
    [InlineData("1e5", "character 2")]
    [InlineData("1.2.3", "wrong number")]
    [InlineData(".", "wrong number")]
    [InlineData("E", "only 4")]
    [InlineData("A\0", "character 2")]
    [InlineData("A; drop table x", "character 2")]
    public void A_wrong_formula_is_refused_with_an_error(string text, string fault)
    {
        Assert.False(Formula.TryParse(text, 4, out _, out string? said));
        Assert.Contains(fault, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ends where a series, a number or a parenthesis is expected")]
    [InlineData("A + ^", "has something unexpected at character 5: a series (A, B …), a number or a parenthesis is expected")]
    [InlineData("A  B", "has something unexpected at character 4")]
    [InlineData("(A", "lacks a closing parenthesis")]
    [InlineData("(A;", "lacks a closing parenthesis")]
    [InlineData("(", "ends where a series, a number or a parenthesis is expected")] // only the first fault is told
    [InlineData("A B ", "has something unexpected at character 3")]
    [InlineData("A + 1.2.3", "has a wrong number at character 5")]
    [InlineData("E", "names series E, but there are only 4")]
    [InlineData("@", "has something unexpected at character 1: a series (A, B …), a number or a parenthesis is expected")]
    [InlineData("[", "has something unexpected at character 1: a series (A, B …), a number or a parenthesis is expected")]
    public void An_error_names_the_character_where_it_is(string text, string fault)
    {
        Assert.False(Formula.TryParse(text, 4, out _, out string? said));
        Assert.Equal(fault, said);
    }

    [Theory]
    [InlineData("(", ")", 50, true)]
    [InlineData("(", ")", 51, false)]
    [InlineData("(A-", ")", 50, true)] // a difference is no sign
    [InlineData("-", "", 50, true)]
    [InlineData("-", "", 51, false)]
    [InlineData("+", "", 50, true)]
    [InlineData("+", "", 51, false)]
    public void A_formula_nested_too_deeply_is_refused(string open, string close, int depth, bool isRead)
    {
        string text = string.Concat(Enumerable.Repeat(open, depth)) + "A" + string.Concat(Enumerable.Repeat(close, depth));

        Assert.Equal(isRead, Formula.TryParse(text, 1, out Formula? formula, out string? fault));
        Assert.Equal(isRead ? null : "must not be nested deeper than 50", fault);
        Assert.Equal(isRead ? text : null, formula?.Text);
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(501, "must be at most 500 characters")]
    public void A_formula_that_is_too_long_is_refused(int length, string? expected)
    {
        Formula.TryParse("A".PadLeft(length), 1, out _, out string? fault);

        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_long_sum_does_not_count_as_deep_nesting()
    {
        Assert.True(Formula.TryParse(string.Join('+', Enumerable.Repeat("A", 250)), 1, out Formula? sum, out _));
        Assert.Equal(250, sum.Of(_ => 1));
    }

    [Fact]
    public void A_formula_can_use_26_series_from_A_to_Z()
    {
        Assert.True(Formula.TryParse("A + Z", 26, out Formula? formula, out _));
        Assert.Equal(25, formula.Of(index => index));
    }

    [Fact]
    public void A_result_too_large_for_a_number_is_null_and_such_a_literal_is_refused()
    {
        Assert.True(Formula.TryParse("A * A", 1, out Formula? formula, out _));
        Assert.Null(formula.Of(_ => 1e300));
        Assert.False(Formula.TryParse(new string('9', 400), 1, out _, out _));
    }

    [Fact]
    public void Any_text_is_parsed_or_refused_without_an_exception(
        ) => Gen.String[Gen.Char["AB+-*/(). 1"], 0, 30].Sample(text =>
        Formula.TryParse(text, 2, out Formula? formula, out string? fault)
            ? formula.Of(index => index) is not { } result || double.IsFinite(result)
            : fault.Length > 0);
}
