using Sessions.Domain.Time;

namespace Sessions.Domain.Tests.Time;

public sealed class MomentTests
{
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    private static readonly long YearZero = -TimeSpan.FromDays(366).Ticks;

    [Theory]
    [InlineData(0, 0, "the start of year 1")]
    [InlineData(9, 0, "less than a microsecond after it")]
    [InlineData(10, 10, "a microsecond after it")]
    [InlineData(19, 10, "the part of a microsecond goes")]
    [InlineData(-1, 0, "just before year 1")]
    public void A_moment_is_cut_to_whole_microseconds(long ticks, long kept, string because) =>
        Assert.True(kept == new Moment(ticks).ToInstant().Ticks, because);

    [Fact]
    public void Year_0_is_the_start_of_year_1_and_before_it_there_is_no_date()
    {
        Assert.Equal(DateTimeOffset.MinValue, new Moment(YearZero).ToInstant());
        Assert.Equal(Epoch, new Moment(YearZero - 1).ToInstant());
    }

    [Fact]
    public void After_year_9999_there_is_no_date()
    {
        Assert.Equal(DateTime.MaxValue.Ticks - 9, new Moment(DateTime.MaxValue.Ticks).ToInstant().Ticks);
        Assert.Equal(Epoch, new Moment(DateTime.MaxValue.Ticks + 1).ToInstant());
    }

    [Fact]
    public void No_number_of_milliseconds_overflows()
    {
        Moment last = Moment.From(DateTimeOffset.MaxValue);

        Assert.Equal(last.Ticks + TimeSpan.TicksPerMillisecond, last.AddMilliseconds(1).Ticks);
        Assert.True(last.AddMilliseconds(long.MaxValue).Ticks > last.Ticks);
        Assert.True(new Moment(YearZero).AddMilliseconds(long.MinValue).Ticks < YearZero);
    }

    [Theory]
    [InlineData("2026-03-04T12:00:00.1234560Z", "2026-03-04T12:00:00.1234560Z", "whole microseconds stay")]
    [InlineData("2026-03-04T12:00:00.1234569Z", "2026-03-04T12:00:00.1234560Z", "the part of one goes")]
    [InlineData("2026-03-04T12:00:00.1234569+02:00", "2026-03-04T10:00:00.1234560Z", "in UTC")]
    public void A_time_is_cut_to_whole_microseconds_and_converted_to_UTC(string time, string kept, string because)
    {
        DateTimeOffset whole = WholeMicroseconds.Of(DateTimeOffset.Parse(time, null));

        Assert.True(DateTimeOffset.Parse(kept, null).EqualsExact(whole), because);
    }
}
