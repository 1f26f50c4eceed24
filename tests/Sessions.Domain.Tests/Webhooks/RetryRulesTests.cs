using CsCheck;
using Sessions.Domain.Webhooks;

namespace Sessions.Domain.Tests.Webhooks;

public sealed class RetryRulesTests
{
    private static readonly RetryRules Rules = new(TimeSpan.FromSeconds(5), TimeSpan.FromHours(6), 16, TimeSpan.FromMinutes(1));

    [Fact]
    public void Pauses_triple_up_to_the_longest_vary_by_a_fifth_and_add_up_to_two_days()
    {
        double[] expected = [5, 15, 45, 135, 405, 1215, 3645, 10_935, 21_600, 21_600, 21_600, 21_600, 21_600, 21_600, 21_600];

        Gen.Guid.Sample(delivery =>
        {
            double[] pauses = [.. Enumerable.Range(1, 15).Select(attempt => Rules.PauseAfter(delivery, attempt)!.Value.TotalSeconds)];
            Assert.All(pauses.Zip(expected), pair => Assert.InRange(pair.First, pair.Second * 0.8, pair.Second * 1.2));
            Assert.InRange(TimeSpan.FromSeconds(pauses.Sum()).TotalDays, 1.5, 2.5);
            Assert.Null(Rules.PauseAfter(delivery, 16));
        });
    }

    [Fact]
    public void Deliveries_that_failed_together_are_retried_at_different_times()
    {
        Random chance = new(5);
        byte[] bytes = new byte[16];
        double[] pauses =
        [
            .. Enumerable.Range(0, 1_000).Select(_ =>
            {
                chance.NextBytes(bytes);
                return Rules.PauseAfter(new Guid(bytes), 1)!.Value.TotalSeconds;
            }),
        ];

        // In each tenth of the spread about a tenth of them.
        Assert.All(
            pauses.GroupBy(pause => Math.Min(9, (int)((pause - 4) / 0.2))).Select(tenth => tenth.Count()),
            count => Assert.InRange(count, 60, 140));
    }

    /// <summary>Two processes that look at a delivery agree on its pause.</summary>
    [Fact]
    public void A_pause_is_the_same_in_every_build() => Assert.Equal(
        [55_993_191, 127_894_161, 389_623_666],
        Enumerable.Range(1, 3).Select(attempts =>
            Rules.PauseAfter(Guid.Parse("01980000-0000-7000-8000-000000000001"), attempts)!.Value.Ticks));

    [Theory]
    [InlineData(21_599, 21_599)] // just under the longest
    [InlineData(21_600, 21_600)] // the longest
    [InlineData(21_601, 21_600)] // just over it
    public void An_endpoint_is_not_called_for_as_long_as_it_asks_up_to_the_longest_rest(int asked, int expected) => Assert.Equal(
        expected, Rules.PauseAfter(Guid.Empty, 1, TimeSpan.FromSeconds(asked))!.Value.TotalSeconds);

    [Fact]
    public void The_same_attempt_always_has_the_same_pause() => Gen.Guid.Sample(delivery =>
        Assert.Equal(Rules.PauseAfter(delivery, 3), Rules.PauseAfter(delivery, 3)));

    [Theory]
    [InlineData(0, 5)]           // asks for nothing
    [InlineData(60, 60)]         // asks for longer than its turn
    [InlineData(864_000, 21_600)] // asks for ten days
    public void An_endpoint_may_ask_for_a_longer_pause_up_to_the_longest(int asked, int expected) => Assert.InRange(
        Rules.PauseAfter(Guid.CreateVersion7(), 1, TimeSpan.FromSeconds(asked))!.Value.TotalSeconds, expected * 0.8, expected * 1.2);

    [Fact]
    public void An_endpoint_that_failed_three_times_is_paused_for_at_most_a_minute() => Assert.Equal(
        [0, 0, 0, 1, 3, 9, 27, 60, 60],
        Enumerable.Range(0, 9).Select(failures => Rules.RestAfter(failures).TotalSeconds));
}
