using CsCheck;
using Sessions.Domain.Time;

namespace Sessions.Domain.Tests.Time;

public sealed class EventTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_event_without_a_time_gets_its_arrival_time() =>
        Assert.Null(EventTime.Resolve(new ClientTime { SentAt = At("2026-03-04T11:00:00Z") }, Now));

    [Theory]
    [InlineData("2026-03-04T11:59:00Z", null, "2026-03-04T11:59:00Z")] // nothing to correct by
    [InlineData("2026-03-04T11:59:00Z", "2026-03-04T12:00:00Z", "2026-03-04T11:59:00Z")] // a right clock
    [InlineData("2026-03-04T10:59:00Z", "2026-03-04T11:00:00Z", "2026-03-04T11:59:00Z")] // an hour slow
    [InlineData("2026-03-04T12:59:00Z", "2026-03-04T13:00:00Z", "2026-03-04T11:59:00Z")] // an hour fast
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z", "2026-03-04T11:59:00Z")] // never set
    [InlineData("2031-03-04T12:00:00Z", "2031-03-04T12:00:01Z", "2026-03-04T11:59:59Z")] // years fast
    public void A_timestamp_is_corrected_by_the_clients_clock(string timestamp, string? sentAt, string expected) =>
        Assert.Equal(
            Instant(expected),
            EventTime.Resolve(new ClientTime { Timestamp = At(timestamp), SentAt = sentAt is null ? null : At(sentAt) }, Now));

    [Fact]
    public void A_timestamp_that_the_client_is_sure_of_is_not_corrected()
    {
        var client = new ClientTime { Timestamp = At("2026-03-04T10:59:00Z"), SentAt = At("2026-03-04T11:00:00Z"), IgnoreSentAt = true };

        Assert.Equal(Instant("2026-03-04T10:59:00Z"), EventTime.Resolve(client, Now));
    }

    [Theory]
    [InlineData(0, "2026-03-04T12:00:00Z")]
    [InlineData(1500, "2026-03-04T11:59:58.500Z")]
    [InlineData(-1500, "2026-03-04T12:00:01.500Z")]
    [InlineData(long.MaxValue, "1970-01-01T00:00:00Z")] // before year 0
    [InlineData(long.MinValue, "2026-03-04T12:00:00Z")] // ahead
    public void An_offset_wins_over_a_timestamp(long offsetMs, string expected)
    {
        var client = new ClientTime { OffsetMs = offsetMs, Timestamp = At("2020-01-01T00:00:00Z"), SentAt = At("2020-01-01T00:00:00Z") };

        Assert.Equal(Instant(expected), EventTime.Resolve(client, Now));
    }

    [Theory]
    [InlineData("2026-03-05T10:59:59.999999Z", "2026-03-05T10:59:59.999999Z")] // just under 23 hours ahead
    [InlineData("2026-03-05T11:00:00Z", "2026-03-05T11:00:00Z")] // at
    [InlineData("2026-03-05T11:00:00.000001Z", "2026-03-04T12:00:00Z")] // just over: all of it goes
    [InlineData("9999-12-31T23:59:59Z", "2026-03-04T12:00:00Z")]
    public void A_time_far_in_the_future_becomes_now(string timestamp, string expected) =>
        Assert.Equal(Instant(expected), EventTime.Resolve(new ClientTime { Timestamp = At(timestamp) }, Now));

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z")] // the first of year 0
    [InlineData("0000-01-01T00:00:00+00:01", "1970-01-01T00:00:00Z")] // just before it: no date
    public void A_past_time_is_kept_back_to_year_1(string timestamp, string expected) =>
        Assert.Equal(Instant(expected), EventTime.Resolve(new ClientTime { Timestamp = At(timestamp) }, Now));

    [Fact]
    public void A_correction_that_leaves_the_valid_times_gives_1970()
    {
        // A year-1 timestamp of a clock that is years fast.
        var client = new ClientTime { Timestamp = At("0001-01-01T00:00:00Z"), SentAt = At("9999-01-01T00:00:00Z") };

        Assert.Equal(DateTimeOffset.UnixEpoch, EventTime.Resolve(client, Now));
    }

    [Fact]
    public void Times_are_cut_to_whole_microseconds() =>
        Assert.Equal(
            Instant("2026-03-04T11:59:59.123456Z"),
            EventTime.Resolve(new ClientTime { Timestamp = At("2026-03-04T11:59:59.1234569Z") }, Now));

    [Fact]
    public void Any_input_gives_a_time_in_whole_microseconds_that_is_not_far_ahead() =>
        Gen.Select(AnyMoment.Nullable(), AnyMoment.Nullable(), Gen.Long.Nullable(), Gen.Bool).Sample(
            (timestamp, sentAt, offset, ignore) =>
            {
                var client = new ClientTime { Timestamp = timestamp, SentAt = sentAt, OffsetMs = offset, IgnoreSentAt = ignore };
                DateTimeOffset? happened = EventTime.Resolve(client, Now);

                return happened is null
                    ? timestamp is null && offset is null
                    : happened - Now <= EventTime.MaxAhead && happened.Value.Ticks % TimeSpan.TicksPerMicrosecond == 0;
            },
            iter: 20_000);

    private static readonly Gen<Moment> AnyMoment =
        Gen.Long[-366 * TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks + TimeSpan.TicksPerDay].Select(ticks => new Moment(ticks));

    private static Moment At(string text)
    {
        Assert.True(TimestampText.TryParse(text, out Moment moment));
        return moment;
    }

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.Parse(text, null, System.Globalization.DateTimeStyles.AdjustToUniversal);
}
