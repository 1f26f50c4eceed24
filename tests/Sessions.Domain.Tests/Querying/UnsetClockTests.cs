using System.Globalization;
using Sessions.Domain.Querying;

namespace Sessions.Domain.Tests.Querying;

/// <summary>
/// The times that a clock shows when nobody has set it, and for as long as it then runs. True times of long ago, such
/// as those of an import, are not among them.
/// </summary>
public sealed class UnsetClockTests
{
    [Theory]
    [InlineData("0001-01-01T00:00:00Z", false)] // .NET and Go
    [InlineData("0001-01-01T00:00:00.000001Z", false)]
    [InlineData("1601-01-01T00:03:20Z", false)] // Windows
    [InlineData("1858-11-17T00:00:00Z", false)] // VMS
    [InlineData("1899-12-30T00:00:00Z", false)] // OLE
    [InlineData("1900-01-01T00:00:00Z", false)] // NTP
    [InlineData("1904-01-01T00:00:00Z", false)] // Mac
    [InlineData("1970-01-01T00:00:00Z", false)] // Unix
    [InlineData("1974-03-09T12:00:00Z", false)] // and four years of uptime
    [InlineData("1980-01-01T00:00:00Z", false)] // FAT
    [InlineData("1980-01-06T00:00:00Z", false)] // GPS
    [InlineData("1989-12-31T00:00:00Z", false)] // FIT
    [InlineData("1992-12-31T23:59:59.999999Z", false)]
    [InlineData("1993-01-01T00:00:00Z", true)]
    [InlineData("1995-07-01T00:00:01Z", true)] // logs of these years are imported
    [InlineData("1999-12-31T23:59:59Z", true)]
    [InlineData("2000-01-01T00:00:00Z", false)] // chips of hardware clocks
    [InlineData("2000-01-31T23:59:59Z", false)]
    [InlineData("2000-02-01T00:00:00Z", true)]
    [InlineData("2001-01-01T00:01:00Z", false)] // Cocoa
    [InlineData("2001-02-01T00:00:00Z", true)]
    [InlineData("2005-06-01T00:00:00Z", true)]
    [InlineData("2026-01-15T12:00:00Z", true)]
    [InlineData("2999-01-01T00:00:00Z", true)] // set wrong is not unset
    public void The_times_that_unset_clocks_show_are_recognized(string time, bool isSet) =>
        Assert.Equal(isSet, UnsetClock.IsSet(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)));

    [Fact]
    public void The_set_and_unset_spans_cover_all_of_time()
    {
        Assert.Equal(DateTimeOffset.MinValue, UnsetClock.UnsetSpans[0].From);
        Assert.Equal(UnsetClock.UnsetSpans.Select(span => span.To), UnsetClock.SetSpans.Select(span => span.From));
        Assert.Equal(UnsetClock.UnsetSpans.Skip(1).Select(span => span.From), UnsetClock.SetSpans.SkipLast(1).Select(span => span.To));
        Assert.Equal(DateTimeOffset.MaxValue, UnsetClock.SetSpans[^1].To);
    }

    [Theory]
    [InlineData(Interval.Minute)]
    [InlineData(Interval.Hour)]
    [InlineData(Interval.Day)]
    [InlineData(Interval.Week)]
    [InlineData(Interval.Month)]
    public void The_latest_buckets_are_the_last_ones_of_all_buckets(Interval interval)
    {
        Random random = new(5);
        foreach (string zone in new[] { "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia" })
        {
            LocalCalendar calendar = new(TimeZoneInfo.FindSystemTimeZoneById(zone), DayOfWeek.Sunday);
            for (int i = 0; i < 40; i++)
            {
                DateTimeOffset to = new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.NextInt64(4L * 365 * 86_400));
                DateTimeOffset from = interval switch
                {
                    Interval.Minute => to.AddMinutes(-random.Next(1, 3000)),
                    Interval.Hour => to.AddHours(-random.Next(1, 3000)),
                    _ => to.AddDays(-random.Next(1, 3000)),
                };
                int most = random.Next(1, 200);

                IReadOnlyList<DateTimeOffset> latest = Buckets.CutLatest(from, to, interval, calendar, most);

                Assert.Equal(Buckets.Cut(from, to, interval, calendar, int.MaxValue)!.TakeLast(most), latest);
            }
        }
    }

    [Fact]
    public void The_latest_buckets_of_the_longest_range_are_found_at_the_ends_of_time()
    {
        foreach (Interval interval in Enum.GetValues<Interval>())
        {
            Assert.Equal(5, Buckets.CutLatest(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, interval, LocalCalendar.Utc, 5).Count);
            Assert.NotEmpty(Buckets.CutLatest(DateTimeOffset.MinValue, DateTimeOffset.MinValue.AddTicks(1), interval, LocalCalendar.Utc, 5));
        }
    }
}
