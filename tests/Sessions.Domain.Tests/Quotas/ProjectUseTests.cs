using Sessions.Domain.Quotas;

namespace Sessions.Domain.Tests.Quotas;

/// <summary>What of a project is taken: quotas of a day, rates, and the share of one gateway among several.</summary>
public sealed class ProjectUseTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Day = new(2026, 11, 29);
    private static readonly QuotaUse One = new(1, 100);

    [Theory]
    [InlineData(9, 0, false)]
    [InlineData(10, 0, true)]
    [InlineData(0, 10, true)]
    [InlineData(5, 4, false)]
    [InlineData(5, 5, true)]
    public void Events_are_refused_when_all_gateways_together_have_taken_the_days_quota(long mine, long others, bool isOver) =>
        Assert.Equal(
            isOver ? Quota.EventsPerDay : null,
            Excess(new ProjectUse(Day, new QuotaUse(mine, 0), new QuotaUse(others, 0)), new QuotaLimits(EventsPerDay: 10))?.Quota);

    [Fact]
    public void Bytes_are_refused_when_the_days_quota_is_taken_and_the_request_that_crosses_it_is_taken_whole()
    {
        QuotaLimits limits = new(BytesPerDay: 150);

        Assert.Null(Excess(new ProjectUse(Day, new QuotaUse(1, 149)), limits));
        Assert.Equal(Quota.BytesPerDay, Excess(new ProjectUse(Day, new QuotaUse(2, 249)), limits)?.Quota);
    }

    [Fact]
    public void A_recording_is_no_event_and_is_taken_beyond_the_quota_of_events()
    {
        ProjectUse used = new(Day, new QuotaUse(10, 0));

        Assert.Null(used.Ask(new QuotaLimits(EventsPerDay: 10, EventsPerSecond: 1), new QuotaUse(0, 5_000), Noon, TimeSpan.Zero).Excess);
    }

    [Fact]
    public void A_new_day_begins_with_nothing_taken()
    {
        ProjectUse used = new ProjectUse(Day, new QuotaUse(10, 0), new QuotaUse(10, 0), Gateways: 3).At(Noon.AddHours(12));

        Assert.Equal((Day.AddDays(1), default, default, 3), (used.Day, used.Mine, used.Others, used.Gateways));
    }

    [Theory]
    [InlineData("12:00:00", 300)]
    [InlineData("23:59:00", 60)]
    public void The_wait_for_the_next_day_is_at_most_five_minutes(string at, double seconds)
    {
        QuotaExcess? excess = new ProjectUse(Day, new QuotaUse(10, 0))
            .Ask(new QuotaLimits(EventsPerDay: 10), One, Noon.Date + TimeSpan.Parse(at, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero).Excess;

        Assert.Equal(seconds, excess!.Wait.TotalSeconds);
        Assert.True(excess.IsOfDay);
    }

    [Fact]
    public void A_rate_lets_a_burst_of_ten_seconds_through_and_then_what_it_brings()
    {
        QuotaLimits limits = new(EventsPerSecond: 5);
        ProjectUse use = new(Day);

        Assert.Equal(50, Taken(ref use, limits, at: 0));
        Assert.Equal(5, Taken(ref use, limits, at: 1));
        Assert.Equal(50, Taken(ref use, limits, at: 1_000));
    }

    [Fact]
    public void A_batch_larger_than_the_burst_is_taken_and_the_next_request_waits_for_its_debt()
    {
        QuotaLimits limits = new(BytesPerSecond: 100);
        (ProjectUse use, QuotaExcess? first) = new ProjectUse(Day).Ask(limits, new QuotaUse(1, 3_000), Noon, TimeSpan.Zero);

        QuotaExcess? second = use.Ask(limits, One, Noon, TimeSpan.Zero).Excess;

        Assert.Null(first);
        Assert.Equal((Quota.BytesPerSecond, 20), (second!.Quota, second.Wait.TotalSeconds));
        Assert.False(second.IsOfDay);
        Assert.Null(use.Ask(limits, One, Noon, TimeSpan.FromSeconds(20.1)).Excess);
    }

    [Fact]
    public void Gateways_with_traffic_divide_the_rate()
    {
        QuotaLimits limits = new(EventsPerSecond: 5);
        ProjectUse use = new(Day, Gateways: 5);

        Assert.Equal(10, Taken(ref use, limits, at: 0));
        Assert.Equal(1, Taken(ref use, limits, at: 1));
    }

    [Fact]
    public void A_refused_request_costs_nothing_of_the_rates()
    {
        QuotaLimits limits = new(EventsPerSecond: 1, BytesPerSecond: 1_000_000);
        ProjectUse use = new(Day);
        Taken(ref use, limits, at: 0);

        (ProjectUse after, QuotaExcess? excess) = use.Ask(limits, One, Noon, TimeSpan.Zero);

        Assert.NotNull(excess);
        Assert.Equal(use, after);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(5, 0, 5)]
    [InlineData(0, 7, 7)]
    [InlineData(5, 7, 5)]
    [InlineData(9, 7, 7)]
    public void The_tighter_of_two_limits_counts_and_zero_is_none(long one, long other, long both)
    {
        Assert.Equal(new QuotaLimits(both, both, both, both), new QuotaLimits(one, one, one, one).And(new QuotaLimits(other, other, other, other)));
    }

    private static int Taken(ref ProjectUse use, QuotaLimits limits, double at)
    {
        for (int taken = 0; ; taken++)
        {
            (use, QuotaExcess? excess) = use.Ask(limits, One, Noon, TimeSpan.FromSeconds(at));
            if (excess is not null)
            {
                return taken;
            }
        }
    }

    private static QuotaExcess? Excess(ProjectUse use, QuotaLimits limits) => use.Ask(limits, One, Noon, TimeSpan.Zero).Excess;
}
