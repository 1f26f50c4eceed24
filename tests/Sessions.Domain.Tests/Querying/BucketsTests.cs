using System.Globalization;
using Sessions.Domain.Querying;

namespace Sessions.Domain.Tests.Querying;

public sealed class BucketsTests
{
    [Theory]
    // Clocks leap from 2:00 to 3:00 on this Sunday.
    [InlineData("Europe/Berlin", Interval.Day, "2026-03-28T23:00Z", "2026-03-30T22:00Z", "03-28T23:00 03-29T22:00")]
    [InlineData("Europe/Berlin", Interval.Hour, "2026-03-29T00:00Z", "2026-03-29T03:00Z", "03-29T00:00 03-29T01:00 03-29T02:00")]
    // And show 2:00 to 3:00 twice on this one: a day of 25 hours.
    [InlineData("Europe/Berlin", Interval.Day, "2026-10-24T22:00Z", "2026-10-26T00:00Z", "10-24T22:00 10-25T23:00")]
    [InlineData("Europe/Berlin", Interval.Hour, "2026-10-24T23:30Z", "2026-10-25T02:00Z", "10-24T23:00 10-25T00:00 10-25T01:00")]
    // A leap of half an hour: the clocks show 1:30 to 2:00 twice.
    [InlineData("Australia/Lord_Howe", Interval.Hour, "2026-04-04T14:00Z", "2026-04-04T16:00Z", "04-04T14:00 04-04T15:00 04-04T15:30")]
    [InlineData("Asia/Kolkata", Interval.Hour, "2026-01-01T00:00Z", "2026-01-01T02:00Z", "12-31T23:30 01-01T00:30 01-01T01:30")]
    [InlineData("Africa/Cairo", Interval.Day, "2026-04-23T12:00Z", "2026-04-25T12:00Z", "04-22T22:00 04-23T22:00 04-24T21:00")] // no midnight
    [InlineData("Pacific/Apia", Interval.Day, "2011-12-29T10:00Z", "2011-12-31T11:00Z", "12-29T10:00 12-30T10:00 12-31T10:00")] // no 30th
    [InlineData("UTC", Interval.Week, "2026-01-01T00:00Z", "2026-01-12T00:00Z", "12-29T00:00 01-05T00:00")]
    [InlineData("UTC", Interval.Month, "2026-01-31T00:00Z", "2026-03-01T00:00:01Z", "01-01T00:00 02-01T00:00 03-01T00:00")]
    [InlineData("UTC", Interval.Minute, "2026-01-01T00:00:30Z", "2026-01-01T00:02:00Z", "01-01T00:00 01-01T00:01")]
    [InlineData("UTC", Interval.Day, "2026-01-01T00:00Z", "2026-01-01T00:00Z", "")]
    [InlineData("UTC", Interval.Day, "2026-01-01T12:00Z", "2026-01-01T12:00Z", "")] // nothing, though within a bucket
    [InlineData("UTC", Interval.Day, "9999-12-30T00:00Z", "9999-12-31T23:59Z", "12-30T00:00 12-31T00:00")] // the last day
    public void A_range_is_cut_into_buckets_by_the_calendar(
        string zone, Interval interval, string from, string to, string expected)
    {
        LocalCalendar calendar = new(TimeZoneInfo.FindSystemTimeZoneById(zone), DayOfWeek.Monday);

        IReadOnlyList<DateTimeOffset>? starts = Buckets.Cut(Time(from), Time(to), interval, calendar, 10);

        Assert.Equal(expected, string.Join(' ', starts!.Select(start => start.UtcDateTime.ToString("MM-dd'T'HH:mm", CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void A_range_with_too_many_buckets_gives_none_and_the_ends_of_time_do_not_overflow()
    {
        Assert.Null(Buckets.Cut(Time("2026-01-01T00:00Z"), Time("2026-01-12T00:00Z"), Interval.Day, LocalCalendar.Utc, 10));
        Assert.NotNull(Buckets.Cut(Time("2026-01-01T00:00Z"), Time("2026-01-11T00:00Z"), Interval.Day, LocalCalendar.Utc, 10));
        LocalCalendar berlin = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), DayOfWeek.Sunday);
        foreach (Interval interval in Enum.GetValues<Interval>())
        {
            Assert.NotNull(Buckets.Cut(DateTimeOffset.MinValue, DateTimeOffset.MinValue.AddDays(1), interval, berlin, 2000));
            Assert.NotNull(Buckets.Cut(DateTimeOffset.MaxValue.AddDays(-1), DateTimeOffset.MaxValue, interval, berlin, 2000));
        }
    }

    [Theory]
    [InlineData(Interval.Minute, "2026-03-15T14:25:00Z")]
    [InlineData(Interval.Hour, "2026-03-15T14:00:00Z")]
    [InlineData(Interval.Day, "2026-03-15T00:00:00Z")]
    [InlineData(Interval.Week, "2026-03-09T00:00:00Z")]
    [InlineData(Interval.Month, "2026-03-01T00:00:00Z")]
    public void A_time_is_rounded_down_to_the_start_of_its_bucket(Interval interval, string expected)
    {
        Assert.Equal(Time(expected), Buckets.Floor(Time("2026-03-15T14:25:30Z"), interval, LocalCalendar.Utc));
        Assert.Equal(Time(expected), Buckets.Floor(Time(expected), interval, LocalCalendar.Utc));
    }

    [Fact]
    public void An_unknown_interval_is_refused()
    {
        DateTimeOffset noon = Time("2026-03-15T12:00Z");

        Assert.Throws<ArgumentOutOfRangeException>(() => Buckets.Floor(noon, (Interval)5, LocalCalendar.Utc));
        Assert.Throws<ArgumentOutOfRangeException>(() => Buckets.CutLatest(noon, noon, (Interval)5, LocalCalendar.Utc, 1));
    }

    [Fact]
    public void A_range_that_ends_before_it_begins_has_no_buckets() =>
        Assert.Empty(Buckets.Cut(Time("2026-01-02T00:00Z"), Time("2026-01-01T00:00Z"), Interval.Day, LocalCalendar.Utc, 10)!);

    [Theory]
    [InlineData(DayOfWeek.Monday, "2026-01-12")]
    [InlineData(DayOfWeek.Sunday, "2026-01-11")]
    [InlineData(DayOfWeek.Thursday, "2026-01-15")]
    [InlineData(DayOfWeek.Friday, "2026-01-09")]
    public void Weeks_begin_on_the_calendars_first_day(DayOfWeek first, string expected) =>
        Assert.Equal(
            DateOnly.Parse(expected, CultureInfo.InvariantCulture),
            new LocalCalendar(TimeZoneInfo.Utc, first).WeekOf(new DateOnly(2026, 1, 15)));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
