using Sessions.Domain.Projects;

namespace Sessions.Domain.Tests.Projects;

/// <summary>What starts a recording: regular expressions as browsers read them, and names of events.</summary>
public sealed class TriggerCheckTests
{
    [Theory]
    [InlineData("/cart")]
    [InlineData(@"^https?://(www\.)?shop\.example(:\d+)?/checkout/[^/?#]+$")]
    [InlineData(@"\/checkout\/(?<step>\w+)\?id=(?=\d)(?!0)")]
    [InlineData(@"(?<=/de)/cart(?<!x)")]
    [InlineData("a[^]b[]?")]
    [InlineData("[[]")]
    [InlineData("[a-z-[]")]
    [InlineData(@"\i\-\u00e9\x41\cJ")]
    [InlineData("a{,5}")]
    [InlineData("a{2,3}?")]
    [InlineData("é|日本")]
    public void An_expression_that_browsers_take_is_taken(string pattern) => Assert.Empty(Faults([pattern], []));

    [Theory]
    [InlineData("(", "a ) is missing")]
    [InlineData(")", "a ( is missing")]
    [InlineData("[a-z", "a ] is missing")]
    [InlineData("*", "there is nothing to repeat")]
    [InlineData("a**", "it repeats a repetition")]
    [InlineData("[z-a]", "a range is the wrong way round")]
    [InlineData("a{3,2}", "a range is the wrong way round")]
    [InlineData(@"a\", "it ends with a backslash")]
    [InlineData("(?i)cart", "a group can't begin with (?i")]
    [InlineData("(?>cart)", "a group can't begin with (?>")]
    [InlineData("(?#note)", "a group can't begin with (?#")]
    [InlineData("(?'name'cart)", "a group can't begin with (?'")]
    [InlineData("(?(1)a|b)", "a group can't begin with (?(")]
    [InlineData("(?", "a group can't begin with (?")]
    public void An_expression_that_browsers_refuse_is_refused_with_its_place(string pattern, string fault) =>
        Assert.Equal(
            [$"replay.triggers.urls[1] is not a regular expression of JavaScript: {fault}"], Faults(["/good", pattern], []));

    [Fact]
    public void Lists_have_limits()
    {
        string[] many = [.. Enumerable.Range(0, 51).Select(number => $"n{number}")];

        Assert.Empty(Faults(many[..50], many[..50]));
        Assert.Equal(
            ["replay.triggers.urls must be at most 50 texts", "replay.triggers.events must be at most 50 texts"], Faults(many, many));
        Assert.Empty(Faults([new string('x', 500)], [new string('x', 200)]));
        Assert.Equal(
            ["replay.triggers.urls[0] must be a text of 1 to 500 characters", "replay.triggers.events[0] must be a text of 1 to 200 characters"],
            Faults([new string('x', 501)], [new string('x', 201)]));
        Assert.Equal(2, Faults([" ", null!], []).Length);
        Assert.Equal(3, Faults([], ["", null!, "a\nb"]).Length);
    }

    private static string[] Faults(IReadOnlyList<string> urls, IReadOnlyList<string> events) =>
    [
        .. ProjectCheck.Problems(new ProjectChange { Replay = new ReplayChange { TriggerUrls = urls, TriggerEvents = events } })
            .Select(problem => $"{problem.Field} {problem.Message}"),
    ];
}
