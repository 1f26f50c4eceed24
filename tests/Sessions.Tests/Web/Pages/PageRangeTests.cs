using System.Globalization;
using Sessions.Domain.Querying;
using Sessions.Web.Layout;

namespace Sessions.Tests.Web.Pages;

/// <summary>Ranges of pages are whole days and hours of the project's time zone.</summary>
public sealed class PageRangeTests
{
    private static readonly LocalCalendar Kathmandu = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu"), DayOfWeek.Monday);
    private static readonly LocalCalendar Berlin = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), DayOfWeek.Monday);

    [Theory]
    [InlineData("-7d", "2026-11-23", 7, "day")]
    [InlineData("-30d", "2026-10-31", 30, "day")]
    [InlineData("-1d", "2026-11-29", 1, "hour")]
    [InlineData("dStart", "2026-11-29", 1, "hour")]
    [InlineData("-0d", "2026-11-29", 1, "hour")]
    [InlineData("-200d", "2026-05-14", 200, "week")]
    public void Days_are_whole_days_of_which_today_is_the_last(string asked, string from, int days, string interval)
    {
        // In Kathmandu it is already the 29th.
        PageRange range = PageRange.Of(asked, null, At("2026-11-28T20:00:00Z"), Kathmandu);

        Assert.Equal((from, null, days, interval), (range.From, range.To, range.Days, range.Interval));
    }

    [Fact]
    public void The_compared_days_end_at_the_same_time_of_the_day()
    {
        PageRange range = PageRange.Of("-7d", null, At("2026-11-29T14:30:00Z"), Berlin);

        Assert.Equal((At("2026-11-15T23:00:00Z"), At("2026-11-22T14:30:00Z")), range.Before);
    }

    [Fact]
    public void The_compared_days_are_whole_when_the_range_is_over()
    {
        PageRange range = PageRange.Of("2026-11-10", "2026-11-12", At("2026-11-29T14:30:00Z"), Berlin);

        Assert.Equal(3, range.Days);
        Assert.Equal((At("2026-11-06T23:00:00Z"), At("2026-11-09T23:00:00Z")), range.Before);
    }

    [Fact]
    public void Compared_days_keep_their_local_times_when_daylight_saving_changes_between_them()
    {
        // Summer time ends on 25 October.
        PageRange range = PageRange.Of("-7d", null, At("2026-10-27T11:00:00Z"), Berlin);

        Assert.Equal((At("2026-10-13T22:00:00Z"), At("2026-10-20T10:00:00Z")), range.Before);
    }

    [Fact]
    public void Hours_are_whole_hours_of_the_local_clock_of_which_the_running_one_is_the_last()
    {
        PageRange range = PageRange.Of("-24h", null, At("2026-11-29T14:30:00Z"), Kathmandu);

        // There it is 20:15, so the hour began at 20:00, which is 14:15 in UTC.
        Assert.Equal(("2026-11-28T15:15:00.000Z", "hour"), (range.From, range.Interval));
        Assert.Equal((At("2026-11-27T15:15:00Z"), At("2026-11-28T14:30:00Z")), range.Before);
    }

    [Theory]
    [InlineData("all", null, "all", "week")]
    [InlineData("nonsense", null, "nonsense", "day")]
    [InlineData("2026-11-12", "2026-11-10", "2026-11-12", "day")]
    [InlineData("-999999d", null, "0001-01-01", "week")]
    public void Other_texts_stay_as_they_are(string from, string? to, string expected, string interval)
    {
        PageRange range = PageRange.Of(from, to, At("2026-11-29T14:30:00Z"), LocalCalendar.Utc);

        Assert.Equal((expected, to, interval), (range.From, range.To, range.Interval));
        Assert.Null(range.Before);
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
