using Microsoft.Extensions.Logging;
using Sessions.Run.Supervision;

namespace Sessions.Tests.Run;

/// <summary>Which log lines of the start stand below the announcement.</summary>
public sealed class EarlyLinesTests
{
    [Fact]
    public void Lines_of_the_start_come_after_the_announcement_in_their_order_and_later_ones_at_once()
    {
        EarlyLines early = new();
        List<string> printed = [];

        Assert.True(early.Hold(LogLevel.Information, "first") && early.Hold(LogLevel.Warning, "second"));
        early.Release(printed.Add);
        early.Release(printed.Add);

        Assert.Equal(["first", "second"], printed);
        Assert.False(early.Hold(LogLevel.Warning, "later"));
    }

    [Theory]
    [InlineData(LogLevel.Error)]
    [InlineData(LogLevel.Critical)]
    public void An_error_is_shown_at_once(LogLevel level) => Assert.False(new EarlyLines().Hold(level, "Postgres is away"));

    [Fact]
    public void A_start_that_says_very_much_is_not_held_for_ever()
    {
        EarlyLines early = new();

        Assert.InRange(Enumerable.Range(0, 1_000).Count(line => early.Hold(LogLevel.Warning, $"{line}")), 50, 999);
    }
}
