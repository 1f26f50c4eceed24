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
    [InlineData("D + 1", null)] // nothing plus one is nothing
    [InlineData("0 * D", null)]
    public void A_formula_is_calculated_as_on_paper(string text, double? expected)
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
    public void A_wrong_formula_is_refused_with_its_fault(string text, string fault)
    {
        Assert.False(Formula.TryParse(text, 4, out _, out string? said));
        Assert.Contains(fault, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Length_and_depth_are_bounded()
    {
        Assert.False(Formula.TryParse(new string('(', 400) + "A" + new string(')', 400), 1, out _, out _));
        Assert.False(Formula.TryParse(new string('-', 200) + "A", 1, out _, out _));
        Assert.True(Formula.TryParse(string.Join('+', Enumerable.Repeat("A", 250)), 1, out Formula? sum, out _));
        Assert.Equal(250, sum.Of(_ => 1));
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.String[Gen.Char["AB+-*/(). 1"], 0, 30].Sample(text =>
        Formula.TryParse(text, 2, out Formula? formula, out string? fault)
            ? formula.Of(index => index) is not { } result || double.IsFinite(result)
            : fault.Length > 0);
}
