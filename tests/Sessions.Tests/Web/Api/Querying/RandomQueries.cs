using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Sessions and queries by chance, the same ones for the same seed.</summary>
internal sealed class RandomQueries(int seed)
{
    internal static readonly DateTimeOffset First = new(2026, 3, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Paths = ["/", "/a", "/b", "/pricing", "/docs"];
    private static readonly string[] Sources = ["google", "Mail", "news"];
    private static readonly string[] Channels = ["Direct", "Organic Search", "Paid Search"];
    private static readonly string[] People = ["ann", "bob", "anon-1", "anon-2", "anon-3", "cleo"];
    private static readonly string[] Ids = [.. People, "null"];
    private static readonly string[] Events = ["$pageview", "click", "buy"];
    private static readonly object?[] Prices = [9m, 10m, 10.5m, 10.50m, -1.25m, "10", "10.50", "-3", "a lot", "1 2", "", true, null];
    private static readonly string?[] Plans = ["pro", "free", "Pro", null];
    private static readonly string[] Numbers = ["$session_duration", "$pageview_count", "$event_count", "$rage_click_count"];
    private static readonly string[] Texts = ["$entry_pathname", "$entry_utm_source", "$channel_type", "distinct_id", "status"];
    private static readonly string[] ShownTexts = ["$entry_pathname", "$entry_utm_source", "$channel_type"];
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
    private static readonly string[] Properties = ["avg", "sum", "min", "max", "median", "p75", "p90", "p95", "p99"];
    private static readonly string[] Counts = ["total", "unique_sessions", "unique_users"];
    private static readonly string[] Formulas = ["A / B", "(A + 2) * -B", "A-B/4+.5", "A / (A + B) * 100"];
    private static readonly string?[] Intervals = [null, "minute", "hour", "day", "week", "month"];
    private static readonly string[] TextOperators =
    [
        "exact", "is_not", "in", "not_in", "icontains", "not_icontains", "regex", "not_regex", "is_set", "is_not_set",
        "gt", "gte", "lt", "lte", "between",
    ];

    private static readonly string[] NumberOperators =
        ["exact", "is_not", "in", "not_in", "gt", "gte", "lt", "lte", "between", "is_set", "is_not_set"];

    private readonly Random _random = new(seed);

    public List<StoredSession> Sessions(int count) => [.. Enumerable.Range(0, count).Select(Session)];

    /// <summary>A query of all kinds.</summary>
    public JsonObject Query()
    {
        bool isOfEvents = Chance(0.3);
        return Query(() => Series(isOfEvents), () => Filters(0.3), isOfEvents ? BreakdownOfEvents : Breakdown);
    }

    /// <summary>A query of sessions without filters, as the pages ask most.</summary>
    public JsonObject QueryOfSessions() => Query(
        () => Chance(0.5)
            ? new JsonObject { ["event"] = null, ["math"] = OneOf(Counts) }
            : new JsonObject { ["event"] = null, ["math"] = OneOf(Properties), ["property"] = OneOf([.. Numbers.SkipLast(1), "$is_bounce"]) },
        () => [],
        () => new JsonObject { ["property"] = OneOf(ShownTexts), ["limit"] = _random.Next(1, 6) });

    private JsonObject Query(Func<JsonObject> oneSeries, Func<JsonArray> filters, Func<JsonObject> breakdown)
    {
        int series = _random.Next(1, 4);
        int firstDay = _random.Next(0, 12);
        string? interval = OneOf(Intervals);
        JsonObject query = new()
        {
            ["date_from"] = interval == "minute" || !Chance(0.1) ? Day(firstDay) : null,
            ["date_to"] = interval == "minute" ? Minute(firstDay, _random.Next(300))
                : Chance(0.7) ? Day(firstDay + _random.Next(0, 12))
                : Minute(firstDay + 5, _random.Next(9999)),
            ["interval"] = interval,
            ["timezone"] = OneOf(Zones),
            ["series"] = new JsonArray([.. Enumerable.Range(0, series).Select(_ => oneSeries())]),
            ["filters"] = filters(),
        };
        query["compare"] = query["date_from"] is not null && Chance(0.3);
        if (series > 1 && Chance(0.4))
        {
            query["formula"] = OneOf(Formulas);
        }

        if (Chance(0.5))
        {
            query["breakdown"] = breakdown();
        }

        return query;
    }

    /// <summary>A session that is not there yet.</summary>
    public StoredSession Session() => Session(_random.Next(1_000_000));

    /// <summary>One of them, by chance.</summary>
    public T OneOf<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    private StoredSession Session(int number)
    {
        StoredSession session = new()
        {
            // No two events have the same time, so that nothing depends on their ids.
            Start = First.AddSeconds(_random.Next(20 * 86_400)).AddMicroseconds(number * 20),
            Seconds = _random.Next(0, 40) * 0.5,
            DistinctId = OneOf(Ids),
            EntryPathname = Chance(0.2) ? null : OneOf(Paths),
            UtmSource = Chance(0.5) ? null : OneOf(Sources),
            ChannelType = Chance(0.1) ? null : OneOf(Channels),
            IsBounce = OneOf([true, false, (bool?)null]),
            Pageviews = _random.Next(0, 4),
            EventCount = _random.Next(1, 9),
            RageClicks = _random.Next(0, 3),
            IsLive = Chance(0.2),
        };
        for (int i = _random.Next(0, 5); i > 0; i--)
        {
            // Some happen on another day than that on which their session began.
            double hours = Chance(0.2) ? _random.Next(0, 40) : 0;
            session = session.With(
                OneOf(Events), (hours * 3600) + (_random.Next(0, 40) * 0.5) + (i * 1e-6), Chance(0.2) ? OneOf(Ids) : null,
                ("plan", OneOf(Plans)), ("price", OneOf(Prices)));
        }

        if (!Chance(0.1))
        {
            return session;
        }

        string person = OneOf(People), other = OneOf([.. People.Where(id => id != person)]);
        return OneOf([0, 0, 0, 0, 1, 2]) switch
        {
            0 => session.With("$identify", 10e-6, person, ("$anon_distinct_id", other)),
            1 => session.With("$create_alias", 10e-6, person, ("alias", other)),
            _ => session.With("$merge_dangerously", 10e-6, person, ("alias", other)),
        };
    }

    private JsonObject Series(bool isOfEvent)
    {
        string? happened = isOfEvent || Chance(0.5) ? OneOf(Events) : null;
        JsonObject series = new() { ["event"] = happened };
        if (Chance(0.5))
        {
            series["math"] = OneOf(Counts);
        }
        else
        {
            series["math"] = OneOf(Properties);
            bool isEvents = happened is not null && Chance(0.5);
            series["property"] = isEvents ? OneOf(["price", "plan"]) : OneOf([.. Numbers, "$is_bounce", "$start_timestamp"]);
            series["property_type"] = isEvents ? "event" : OneOf(["session", (string?)null]);
        }

        series["filters"] = Filters(0.3);
        return series;
    }

    private JsonObject Breakdown() => Chance(0.3)
        ? new JsonObject { ["property"] = OneOf(Numbers), ["bins"] = _random.Next(1, 7) }
        : new JsonObject { ["property"] = OneOf([.. Texts, .. Numbers, "$is_bounce", "$event_names"]), ["limit"] = _random.Next(1, 6) };

    private JsonObject BreakdownOfEvents() => Chance(0.3)
        ? new JsonObject { ["property"] = "price", ["property_type"] = "event", ["bins"] = _random.Next(1, 7) }
        : new JsonObject { ["property"] = OneOf(["price", "plan", "distinct_id"]), ["property_type"] = "event", ["limit"] = _random.Next(1, 6) };

    private JsonArray Filters(double chance)
    {
        JsonArray filters = [];
        while (Chance(chance))
        {
            filters.Add(Filter());
        }

        return filters;
    }

    private JsonObject Filter() => _random.Next(7) switch
    {
        6 => Filter("$event_names", "session", OneOf(["contains", "not_contains", "is_set", "is_not_set"]), () => OneOf([.. Events, "$identify", "x"])),
        0 => Filter("event", "event", OneOf(TextOperators), () => OneOf(Events)),
        1 => Filter("plan", "event", OneOf(TextOperators), () => OneOf(Plans) ?? "x"),
        2 => Filter("price", "event", OneOf(NumberOperators), () => OneOf([8.5m, 10m, 10.25m, 12m])),
        3 => Filter(OneOf(Numbers), "session", OneOf(NumberOperators), () => _random.Next(0, 12)),
        4 => Filter("$is_bounce", "session", OneOf(["exact", "is_not", "is_set", "is_not_set"]), () => Chance(0.5)),
        _ => Filter(OneOf(Texts), "session", OneOf(TextOperators), () => OneOf([.. Paths, .. Sources, .. Channels, .. Ids, "A"])),
    };

    private JsonObject Filter(string key, string type, string comparison, Func<JsonNode> value) => new()
    {
        ["key"] = key,
        ["type"] = type,
        ["operator"] = comparison,
        ["value"] = comparison switch
        {
            "is_set" or "is_not_set" => null,
            "contains" or "not_contains" when Chance(0.5) => value(),
            "in" or "not_in" or "contains" or "not_contains" => new JsonArray([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => value())]),
            "between" => new JsonArray(value(), value()),
            _ => value(),
        },
    };

    private static string Minute(int day, int minute) => First.AddDays(day).AddMinutes(minute).ToString("O");

    private static string Day(int day) => First.AddDays(day).ToString("yyyy-MM-dd");

    private bool Chance(double chance) => _random.NextDouble() < chance;
}
