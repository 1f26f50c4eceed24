using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Sessions.Capture.Places;
using Sessions.Run.Demo;

namespace Sessions.Tests.Run.Demo;

public sealed class DemoVisitsTests
{
    private static readonly DateOnly Day = new(2026, 3, 4);

    [Fact]
    public void A_day_that_is_generated_again_has_the_same_event_ids() =>
        Assert.Equal(DemoVisits.OfDay(Day, 160).Select(Text), DemoVisits.OfDay(Day, 160).Select(Text));

    [Fact]
    public void Each_day_has_different_visits()
    {
        string[] ids = [.. DemoVisits.OfDay(Day, 160).Concat(DemoVisits.OfDay(Day.AddDays(1), 160)).Select(made => (string)made.Body["uuid"]!)];

        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void The_sample_visits_have_the_shape_of_a_shops_traffic()
    {
        DemoEvent[] month = [.. Enumerable.Range(0, 30).SelectMany(day => DemoVisits.OfDay(Day.AddDays(day), 160))];
        int[] pageviews = [.. month.Where(made => Name(made) == "$pageview").GroupBy(made => (string)made.Body["properties"]!["$session_id"]!).Select(visit => visit.Count())];

        Assert.InRange(pageviews.Length, 3000, 6000);
        Assert.InRange(pageviews.Count(count => count == 1) / (double)pageviews.Length, 0.3, 0.6);
        Assert.InRange(month.Count(made => Name(made) == "purchased"), 20, pageviews.Length / 10);
        Assert.Contains(month, made => Name(made) == "$identify");
    }

    [Fact]
    public void The_sample_visits_have_what_every_page_shows()
    {
        DemoEvent[] day = [.. DemoVisits.OfDay(Day, 900, isRecorded: true)];
        JsonNode[] all = [.. day.Select(made => made.Body["properties"]!)];

        Assert.InRange(all.Select(properties => (string?)properties["$geoip_country_code"]).OfType<string>().Distinct().Count(), 5, 20);
        Assert.Contains(day, made => Name(made) == "$screen");
        Assert.Contains(day, made => Name(made) == "$exception");
        Assert.All(day.Where(made => Name(made) == "$autocapture"), made => Assert.NotNull(made.Body["properties"]!["$el_text"]));
        Assert.Contains(day, made => made.IsRecording && made.Body["properties"]!["$snapshot_data"]!.AsArray().Any(one => (int)one!["type"]! == 2));
        Assert.All(day.Where(made => made.IsRecording), made => Assert.Equal(
            made.Body["properties"]!["$snapshot_data"]!.AsArray().Select(one => (long)one!["timestamp"]!).Order(),
            made.Body["properties"]!["$snapshot_data"]!.AsArray().Select(one => (long)one!["timestamp"]!)));
    }

    [Fact]
    public void The_GeoIP_file_of_the_demo_has_the_countries_of_the_demos_visitors_alone()
    {
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, DemoPlaces.GeoIpFile());
        using GeoIp places = new(Options.Create(new GeoIpOptions { File = file }));
        JsonNode[] all = [.. DemoVisits.OfDay(Day, 900).Where(made => !made.IsRecording).Select(made => made.Body["properties"]!)];

        Assert.All(all, properties => Assert.Equal(
            (string)properties["$geoip_country_code"]!, places.FindCountry(IPAddress.Parse((string)properties["$ip"]!))));
        Assert.All((string[])["127.0.0.1", "10.0.0.1", "8.8.8.8", "203.0.112.1", "203.0.114.1"], other => Assert.Null(places.FindCountry(IPAddress.Parse(other))));
        File.Delete(file);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/data/GeoLite2-Country.mmdb")]
    public void A_GeoIP_file_of_the_operator_stays_the_one_that_is_used(string? configured)
    {
        using TemporaryDirectory directory = new();
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Sessions:GeoIp:File", configured)]).Build();

        Dictionary<string, string> given = new() { ["a"] = "b" };
        IReadOnlyDictionary<string, string> before = DemoPlaces.Add(false, given, settings, directory.Location);
        IReadOnlyDictionary<string, string> all = DemoPlaces.Add(true, given, settings, directory.Location);
        IReadOnlyDictionary<string, string> afterwards = DemoPlaces.Add(false, given, settings, directory.Location);

        Assert.Equal(["a"], before.Keys);
        Assert.Equal("b", all["a"]);
        Assert.Equal(string.IsNullOrEmpty(configured), all.TryGetValue("Sessions:GeoIp:File", out string? file) && File.Exists(file));
        Assert.Equal(all, afterwards);
    }

    [Fact]
    public void Visits_are_the_same_with_and_without_recordings() =>
        Assert.Equal(
            DemoVisits.OfDay(Day, 300).Select(Text),
            DemoVisits.OfDay(Day, 300, isRecorded: true).Where(made => !made.IsRecording).Select(Text));

    [Fact]
    public void Visitors_come_in_every_quarter_of_an_hour()
    {
        DateTimeOffset midnight = new(Day, TimeOnly.MinValue, TimeSpan.Zero);
        int[] quarters = [.. DemoVisits.OfDay(Day, 900).Select(made => (int)((made.Time - midnight).TotalMinutes / 15)).Distinct().Order()];

        Assert.Equal(Enumerable.Range(0, 96), quarters.Where(quarter => quarter < 96));
    }

    private static string Name(DemoEvent made) => (string)made.Body["event"]!;

    private static string Text(DemoEvent made) => ((JsonNode)made.Body).ToJsonString();
}
