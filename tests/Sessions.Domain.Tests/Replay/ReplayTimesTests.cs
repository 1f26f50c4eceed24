using Sessions.Domain.Replay;
using Sessions.Domain.Time;

namespace Sessions.Domain.Tests.Replay;

public sealed class ReplayTimesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, "a right clock")]
    [InlineData(59_999, 0, "less than a minute behind: the network's")]
    [InlineData(60_000, 60_000, "a minute behind")]
    [InlineData(-59_999, 0, "less than a minute ahead")]
    [InlineData(-60_000, -60_000, "a minute ahead")]
    [InlineData(86_400_000, 86_400_000, "a day behind")]
    public void A_clock_is_corrected_when_it_is_a_minute_or_more_behind_or_ahead(
        long behindMs, long skewMs, string because) =>
        Assert.True(skewMs == ReplayTimes.SkewMs(Moment.From(Now.AddMilliseconds(-behindMs)), Now), because);

    [Fact]
    public void Without_a_sending_time_the_clients_clock_is_not_corrected() =>
        Assert.Equal(0, ReplayTimes.SkewMs(null, Now));

    [Fact]
    public void The_latest_accepted_time_is_23_hours_ahead_by_the_clients_clock()
    {
        Assert.Equal(Now.AddHours(23).ToUnixTimeMilliseconds(), ReplayTimes.LatestMs(0, Now));
        Assert.Equal(Now.AddHours(22).ToUnixTimeMilliseconds(), ReplayTimes.LatestMs(3_600_000, Now));
    }

    [Theory]
    [InlineData(0, true, "the middle itself")]
    [InlineData(604_799_999, true, "just under a week after it")]
    [InlineData(604_800_000, false, "a week after it")]
    [InlineData(-604_799_999, true, "just under a week before it")]
    [InlineData(-604_800_000, false, "a week before it")]
    public void A_time_is_near_when_it_is_less_than_a_week_away(long fromMiddleMs, bool isNear, string because)
    {
        long middle = Now.ToUnixTimeMilliseconds();

        Assert.True(isNear == ReplayTimes.IsNear(middle + fromMiddleMs, middle), because);
    }
}
