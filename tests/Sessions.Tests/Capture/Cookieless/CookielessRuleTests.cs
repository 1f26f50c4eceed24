using Sessions.Capture;
using Sessions.Capture.Cookieless;

namespace Sessions.Tests.Capture.Cookieless;

/// <summary>
/// Which visits without cookies are of the same visitor. Each row changes one thing of the same first visit.
/// </summary>
public sealed class CookielessRuleTests
{
    private static readonly Visit First = new() { Timestamp = "2026-03-04T10:00:00Z" };

    private static readonly Dictionary<string, (Visit Visit, bool IsSame)> Others = new()
    {
        ["the same again"] = (First, true),
        ["the first moment of the day"] = (First with { Timestamp = "2026-03-04T00:00:00Z" }, true),
        ["the last moment of the day"] = (First with { Timestamp = "2026-03-04T23:59:59.999999Z" }, true),
        ["the last moment of the day before"] = (First with { Timestamp = "2026-03-03T23:59:59.999999Z" }, false),
        ["the first moment of the day after"] = (First with { Timestamp = "2026-03-05T00:00:00Z" }, false),
        ["no time: when it arrived"] = (First with { Timestamp = null }, true),
        ["another address"] = (First with { Address = "203.0.113.8" }, false),
        ["the same address by IPv6"] = (First with { Address = "::ffff:203.0.113.7" }, true),
        ["an address that nobody trusts"] = (First with { ForwardedFor = "198.51.100.1" }, true),
        ["another subdomain"] = (First with { Host = "pay.shop.example" }, true),
        ["another port"] = (First with { Host = "www.shop.example:8443" }, true),
        ["another letter case"] = (First with { Host = "WWW.Shop.Example." }, true),
        ["another site"] = (First with { Host = "www.bank.example" }, false),
        ["the site by the URL alone"] = (First with { Host = null }, true),
        ["the host before the URL"] = (First with { Url = "https://www.bank.example/" }, true),
        ["no site"] = (First with { Host = null, Url = null }, false),
        ["another browser"] = (First with { RawUserAgent = "Chrome" }, false),
        ["the browser by the header alone"] = (First with { RawUserAgent = null }, true),
        ["an empty browser: the header"] = (First with { RawUserAgent = "" }, true),
        ["the event's browser before the header"] = (First with { Header = "proxy" }, true),
        ["no browser"] = (First with { RawUserAgent = null, Header = "" }, false),
        ["another project"] = (First with { Token = "phc_other" }, false),
        ["no distinct id"] = (First with { DistinctId = null }, true),
        ["a person's id, as after identify()"] = (First with { DistinctId = "anna", DeviceId = "$posthog_cookieless" }, true),
        ["a device id"] = (First with { DeviceId = "tablet" }, true),
        ["everybody's id without the mode"] = (First with { Mode = null }, true),
        ["a session id"] = (First with { SessionId = "0195aaaa-0000-7000-8000-000000000001" }, true),
    };

    public static TheoryData<string> Rows => [.. Others.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Visits_have_the_same_user_device_only_when_the_visitor_is_the_same(string row)
    {
        (Visit other, bool isSame) = Others[row];
        var visits = new Visits();

        Assert.Equal(isSame, await visits.Id(First) == await visits.Id(other));
    }

    [Theory]
    [InlineData("2026-03-03T22:59:59.999999Z", "Europe/Berlin", "2026-03-03")] // an hour ahead: just before midnight
    [InlineData("2026-03-03T23:00:00Z", "Europe/Berlin", "2026-03-04")] // at midnight
    [InlineData("2026-03-04T04:59:59.999999Z", "America/New_York", "2026-03-03")] // five hours behind
    [InlineData("2026-03-04T05:00:00Z", "America/New_York", "2026-03-04")]
    [InlineData("2026-03-04T09:59:59Z", "Pacific/Kiritimati", "2026-03-04")] // the farthest ahead
    [InlineData("2026-03-04T10:00:00Z", "Pacific/Kiritimati", "2026-03-05")]
    [InlineData("2026-03-04T11:59:59Z", "Etc/GMT+12", "2026-03-03")] // the farthest behind
    [InlineData("2026-03-04T12:00:00Z", "Etc/GMT+12", "2026-03-04")]
    [InlineData("2026-03-03T18:30:00Z", "Asia/Calcutta", "2026-03-04")] // a name of old, as browsers send it
    [InlineData("2026-03-03T23:59:59Z", "Mars/Olympus", "2026-03-03")] // unknown: UTC
    [InlineData("2026-03-04T00:00:00Z", "../../etc/passwd", "2026-03-04")]
    [InlineData("2026-03-04T00:00:00Z", "", "2026-03-04")]
    [InlineData("2026-03-04T00:00:00Z", null, "2026-03-04")]
    public void The_day_of_a_visit_is_the_day_in_the_visitors_time_zone(string time, string? zone, string day) =>
        Assert.Equal(day, $"{CookielessDay.Of(DateTimeOffset.Parse(time, null), zone):O}");

    [Fact]
    public async Task The_visitors_time_zone_decides_when_the_visitors_id_changes()
    {
        var visits = new Visits();
        Visit evening = First with { Timestamp = "2026-03-03T22:59:59Z" };
        Visit night = First with { Timestamp = "2026-03-03T23:00:00Z" };

        Assert.Equal(await visits.Id(evening), await visits.Id(night));
        Assert.NotEqual(
            await visits.Id(evening with { Zone = "Europe/Berlin" }), await visits.Id(night with { Zone = "Europe/Berlin" }));
    }

    [Theory]
    [InlineData("2026-03-01T00:00:00Z", null, true)] // that day ended 60 hours ago
    [InlineData("2026-02-28T23:59:59.999999Z", null, false)] // that one 84 hours ago
    [InlineData("2026-02-28T23:00:00Z", "Europe/Berlin", true)]
    [InlineData("2026-03-01T04:00:00Z", "America/New_York", false)]
    [InlineData("0001-01-01T00:00:00Z", "America/New_York", false)]
    [InlineData("2026-03-05T11:00:00Z", "Pacific/Kiritimati", true)] // the future, as far as there is one
    public async Task An_event_of_a_day_without_a_salt_is_dropped(string timestamp, string? zone, bool isKept)
    {
        CaptureVerdict verdict = await new Visits().Take(First with { Timestamp = timestamp, Zone = zone });

        Assert.Equal(isKept ? "" : "0 cookieless_too_old", Bodies.Dropped(verdict));
        Assert.Equal(isKept ? 1 : 0, Bodies.Taken(verdict).Events.Count);
    }

    [Theory]
    [InlineData("2026-03-04T23:59:59.999999Z", "2026-03-01")] // 71 hours and 59 minutes after the end of 2026-03-01
    [InlineData("2026-03-05T00:00:00Z", "2026-03-02")] // 72
    public void A_salt_is_valid_until_72_hours_after_its_day(string now, string oldest) =>
        Assert.Equal(oldest, $"{CookielessDay.OldestKept(DateTimeOffset.Parse(now, null)):O}");

    [Theory]
    [InlineData("$identify", true, "anna")]
    [InlineData("$identify", true, CookielessVisitor.SentDistinctId)]
    [InlineData("$create_alias", true, "anna")]
    [InlineData("$merge_dangerously", true, "anna")]
    [InlineData("$identify", null, CookielessVisitor.SentDistinctId)]
    public async Task An_event_that_identifies_a_cookieless_visitor_is_dropped(
        string name, bool? mode, string distinctId)
    {
        CaptureVerdict verdict = await new Visits().Take(First with { Name = name, Mode = mode, DistinctId = distinctId });

        Assert.Equal("0 cookieless_identify", Bodies.Dropped(verdict));
        Assert.Equal(400, Bodies.Status(verdict));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData("true")]
    public async Task An_event_keeps_its_ids_when_the_project_has_no_cookieless_mode(object? mode)
    {
        SessionEvent sent = await new Visits().Event(First with { Mode = mode, DistinctId = "anna", DeviceId = "tablet" });

        Assert.Equal(("anna", "tablet"), (sent.DistinctId, sent.DeviceId));
    }

    [Fact]
    public async Task A_cookieless_event_gets_the_hash_as_its_id_has_no_device_or_session_and_keeps_its_properties()
    {
        var visits = new Visits();
        Visit visit = First with { DeviceId = "tablet", SessionId = "0195aaaa-0000-7000-8000-000000000001" };
        CaptureVerdict verdict = await visits.Take(visit);
        SessionEvent taken = Bodies.One(verdict);

        Assert.Matches("^cookieless_[A-Za-z0-9_-]{22}$", taken.DistinctId);
        Assert.Equal((null, null), (taken.DeviceId, taken.SessionId));
        Assert.Contains("\"distinct_id\":\"$posthog_cookieless\"", Bodies.Json(taken), StringComparison.Ordinal);
        Assert.Equal(new EventNote(0, CaptureReason.CookielessSession), Assert.Single(Bodies.Taken(verdict).Warnings));
    }

    [Fact]
    public async Task An_ordinary_event_among_cookieless_events_keeps_its_ids()
    {
        CaptureVerdict verdict = await new Visits().Take(First, """
            {"api_key":"phc_good","batch":[
              {"event":"1","properties":{"$cookieless_mode":true}},
              {"event":"2","distinct_id":"anna"},
              {"event":"3","properties":{"$cookieless_mode":true,"$host":{"a":["$host"]},"$raw_user_agent":7,"\u0024timezone":"\ud800"}}]}
            """);

        Assert.Equal(
            ["cookieless_", "anna", "cookieless_"],
            Bodies.Taken(verdict).Events.Select(captured => captured.Event.DistinctId[..Math.Min(11, captured.Event.DistinctId.Length)]));
    }

    [Fact]
    public async Task An_ordinary_event_needs_no_salt()
    {
        var visits = new Visits { Store = new CookielessSaltQueries(CaptureServer.Nowhere) };

        Assert.Equal("anna", await visits.Id(First with { Mode = null, DistinctId = "anna" }));
        Assert.Equal(503, (await Assert.ThrowsAsync<CaptureRefusedException>(() => visits.Id(First))).Refusal.Status);
    }

    [Theory]
    [InlineData("www.shop.example:8080", null, "shop.example")]
    [InlineData("a.b.shop.co.uk", null, "shop.co.uk")]
    [InlineData(null, "https://user@www.shop.example/path?q", "shop.example")]
    [InlineData("", "no url", "")]
    [InlineData("localhost:3000", null, "localhost")]
    [InlineData("192.0.2.17:3000", null, "192.0.2.17")]
    [InlineData("[2001:db8::1]:3000", null, "[2001:db8::1]")]
    public void A_site_is_identified_by_its_root_domain(string? host, string? url, string site) =>
        Assert.Equal(site, CookielessVisitor.SiteOf(host, url));
}
