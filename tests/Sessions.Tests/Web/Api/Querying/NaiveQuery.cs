using System.Globalization;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A session, or one of its events, that a series counts.</summary>
internal sealed record NaiveRow(StoredSession Session, StoredEvent? Event, DateTimeOffset Time);

/// <summary>A line of an answer.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Sessions">The sessions that are counted in its value; null for a formula.</param>
/// <param name="OfPoints">Those of each point.</param>
internal sealed record NaiveLine(string Text, HashSet<Guid>? Sessions, IReadOnlyList<HashSet<Guid>?> OfPoints);

/// <summary>Answers queries by going through all rows, sharing nothing with the product but the contract.</summary>
internal sealed class NaiveQuery(IReadOnlyList<StoredSession> sessions)
{
    private const string Other = "$other";
    private const string Null = "";

    private readonly Dictionary<(JsonNode, DateTimeOffset), List<NaiveRow>> _rows = [];
    private readonly Dictionary<string, string> _persons = Persons(sessions);

    /// <summary>A line for each result.</summary>
    public List<string> Answer(JsonNode query) => [.. Lines(query).Select(line => line.Text)];

    /// <summary>A line for each result, and the sessions that are counted in its value and in its points.</summary>
    public List<NaiveLine> Lines(JsonNode query)
    {
        TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById((string?)query["timezone"] ?? "UTC");
        DateTimeOffset from = Date(query["date_from"], zone, isEnd: false) ?? sessions.Min(session => session.Start);
        DateTimeOffset to = Date(query["date_to"], zone, isEnd: true)!.Value;
        List<(DateTimeOffset From, DateTimeOffset To)> periods = [(from, to)];
        if ((bool?)query["compare"] == true)
        {
            periods.Add((from - (to - from), from));
        }

        JsonNode[] series = [.. query["series"]!.AsArray().Select(one => one!)];
        List<(string Shown, Func<NaiveRow, bool> Has)> groups = Groups(query, series, periods);
        List<NaiveLine> lines = [];
        string? formula = (string?)query["formula"];
        for (int line = 0; line < (formula is null ? series.Length : 1); line++)
        {
            foreach ((string shown, Func<NaiveRow, bool> has) in groups)
            {
                for (int period = 0; period < periods.Count; period++)
                {
                    string? interval = (string?)query["interval"];
                    IReadOnlyList<(string Key, DateTimeOffset Start)> buckets = interval is null
                        ? periods[period].From < periods[period].To ? [("", periods[period].From)] : []
                        : NaiveCalendar.Buckets(periods[period].From, periods[period].To, interval, zone);
                    double?[][] data = [.. series.Select(one => buckets
                        .Select(bucket => Measure(one, Rows(query, one, periods[period])
                            .Where(row => has(row) && (interval is null || NaiveCalendar.Key(row.Time, interval, zone) == bucket.Key))))
                        .ToArray())];
                    double?[] values = [.. series.Select(one => Measure(one, Rows(query, one, periods[period]).Where(has)))];
                    IEnumerable<double?> points = formula is null
                        ? data[line]
                        : buckets.Select((_, bucket) => Calculate(formula, [.. data.Select(one => one[bucket])]));
                    double? whole = formula is null ? values[line] : Calculate(formula, values);
                    string label = formula ?? (string?)series[line]["event"] ?? "sessions";
                    List<NaiveRow> rows = formula is null ? [.. Rows(query, series[line], periods[period]).Where(has)] : [];
                    lines.Add(new NaiveLine(
                        $"{label} | {shown} | {(period == 0 ? "current" : "previous")} | {string.Join(' ', points.Select(Show))} | "
                        + $"{string.Join(' ', buckets.Select(bucket => bucket.Start.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture)))} | {Show(whole)}",
                        formula is null ? Counted(series[line], rows) : null,
                        [.. buckets.Select(bucket => formula is not null ? null
                            : Counted(series[line], rows.Where(row => interval is null || NaiveCalendar.Key(row.Time, interval, zone) == bucket.Key)))]));
                }
            }
        }

        return lines;
    }

    /// <summary>A number to nine digits, so that the order of a sum does not show.</summary>
    public static string Show(double? number) => number?.ToString("G9", CultureInfo.InvariantCulture) ?? "null";

    // The same rows are wanted for each point.
    private List<NaiveRow> Rows(
        JsonNode query, JsonNode series, (DateTimeOffset From, DateTimeOffset To) period)
    {
        if (!_rows.TryGetValue((series, period.From), out List<NaiveRow>? rows))
        {
            _rows[(series, period.From)] = rows = [.. FindRows(query, series, period)];
        }

        return rows;
    }

    private IEnumerable<NaiveRow> FindRows(
        JsonNode query, JsonNode series, (DateTimeOffset From, DateTimeOffset To) period)
    {
        JsonNode[] filters =
        [
            .. new[] { query["filters"], series["filters"] }.OfType<JsonArray>().SelectMany(list => list).Select(filter => filter!),
        ];
        string? name = (string?)series["event"];
        IEnumerable<NaiveRow> rows = name is null
            ? sessions.Where(session => filters.All(filter => NaiveFilters.OnSession(session, filter)))
                .Select(session => new NaiveRow(session, null, session.Start))
            : sessions.SelectMany(session => session.Events
                    .Where(happened => happened.Name == name && filters.All(filter => NaiveFilters.OnEvent(session, happened, filter)))
                    .Select(happened => new NaiveRow(session, happened, happened.Time)));
        return rows.Where(row => row.Time >= period.From && row.Time < period.To);
    }

    private double? Measure(JsonNode series, IEnumerable<NaiveRow> of)
    {
        var rows = of.ToList();
        string math = (string)series["math"]!;
        switch (math)
        {
            case "total":
                return rows.Count;
            case "unique_sessions":
                return rows.Select(row => row.Session.Id).Distinct().Count();
            case "unique_users":
                return rows.Select(row => Person(row.Event is { DistinctId: not "null" } happened ? happened.DistinctId : row.Session.DistinctId)).Distinct().Count();
        }

        // A session counts once, each event counts.
        List<double> numbers =
            [.. (IsOfEvents(series) ? rows : rows.DistinctBy(row => row.Session.Id)).Select(row => NumberOf(series, row)).OfType<double>().Order()];
        if (math == "sum")
        {
            return numbers.Sum();
        }

        if (numbers is [])
        {
            return null;
        }

        double fraction = math switch { "median" => 0.5, "p75" => 0.75, "p90" => 0.9, "p95" => 0.95, "p99" => 0.99, _ => 0 };
        double at = fraction * (numbers.Count - 1);
        return math switch
        {
            "avg" => numbers.Average(),
            "min" => numbers[0],
            "max" => numbers[^1],
            _ => numbers[(int)Math.Floor(at)] + ((at - Math.Floor(at)) * (numbers[(int)Math.Ceiling(at)] - numbers[(int)Math.Floor(at)])),
        };
    }

    private static HashSet<Guid> Counted(JsonNode series, IEnumerable<NaiveRow> rows) =>
        [.. rows.Where(row => (string)series["math"]! is "total" or "unique_sessions" or "unique_users" || NumberOf(series, row) is not null).Select(row => row.Session.Id)];

    private static bool IsOfEvents(JsonNode asked) => (string?)asked["property_type"] == "event";

    private static double? NumberOf(JsonNode asked, NaiveRow row)
    {
        string property = (string)asked["property"]!;
        return IsOfEvents(asked) ? (double?)NaiveValues.Number(row.Event!, property) : Number(row.Session[property]);
    }

    /// <summary>The values of a breakdown that a row is counted under.</summary>
    private static object?[] ValuesOf(JsonNode breakdown, NaiveRow row)
    {
        string property = (string)breakdown["property"]!;
        return IsOfEvents(breakdown) ? [NaiveValues.Text(row.Event!, property)]
            : row.Session[property] is string[] list ? list
            : [row.Session[property]];
    }

    private List<(string Shown, Func<NaiveRow, bool> Has)> Groups(
        JsonNode query, JsonNode[] series, List<(DateTimeOffset From, DateTimeOffset To)> periods)
    {
        if (query["breakdown"] is not { } breakdown)
        {
            return [("", _ => true)];
        }

        NaiveRow[] all = [.. series.SelectMany(one => periods.SelectMany(period => Rows(query, one, period)))];
        if ((int?)breakdown["bins"] is { } bins)
        {
            string property = (string)breakdown["property"]!;
            return Bins(row => IsOfEvents(breakdown) ? NaiveValues.Number(row.Event!, property) : (decimal?)row.Session[property], bins, all);
        }

        List<(object? Value, double Weight)> weighed =
        [
            .. series.SelectMany(one => Rows(query, one, periods[0])
                    .SelectMany(row => ValuesOf(breakdown, row).Select(value => (Value: value, Row: row)))
                    .GroupBy(pair => pair.Value, pair => pair.Row)
                    .Select(group => (Value: group.Key, Weight: (string)one["math"]! switch
                    {
                        "unique_users" => Measure(one, group)!.Value,
                        "total" => group.Count(),
                        not "unique_sessions" when IsOfEvents(one) => group.Count(),
                        _ => group.DistinctBy(row => row.Session.Id).Count(),
                    })))
                .GroupBy(one => one.Value)
                .Select(group => (group.Key, group.Sum(one => one.Weight))),
        ];
        object?[] top = [.. weighed.OrderByDescending(one => one.Weight).ThenBy(one => one.Value is null)
            .ThenBy(one => one.Value, Comparer<object?>.Create(Compare)).Take((int?)breakdown["limit"] ?? 25).Select(one => one.Value)];
        List<(string Shown, Func<NaiveRow, bool> Has)> groups =
            [.. top.Select(value => (Shown(value), (Func<NaiveRow, bool>)(row => ValuesOf(breakdown, row).Contains(value))))];
        bool IsOther(NaiveRow row) => ValuesOf(breakdown, row).Any(value => !top.Contains(value));
        if (all.Any(IsOther))
        {
            groups.Add((Other, IsOther));
        }

        return groups;
    }

    private static List<(string Shown, Func<NaiveRow, bool> Has)> Bins(Func<NaiveRow, decimal?> of, int bins, NaiveRow[] all)
    {
        List<(string Shown, Func<NaiveRow, bool> Has)> groups = [];
        decimal[] numbers = [.. all.Select(of).OfType<decimal>()];
        if (numbers is not [])
        {
            (decimal low, decimal high) = (numbers.Min(), numbers.Max());
            int count = low == high ? 1 : bins;
            for (int bin = 0; bin < count; bin++)
            {
                decimal begin = low + ((high - low) * bin / count);
                decimal end = low + ((high - low) * (bin + 1) / count);
                bool isLast = bin == count - 1;
                groups.Add(($"[{Edge(begin)},{Edge(end)}{(isLast ? ']' : ')')}", row =>
                    of(row) is { } number && number >= begin && (number < end || (isLast && number == high))));
            }
        }

        if (all.Any(row => of(row) is null))
        {
            groups.Add((Null, row => of(row) is null));
        }

        return groups;
    }

    private static string Edge(decimal edge) => Math.Round(edge, 6).ToString("0.######", CultureInfo.InvariantCulture);

    private static string Shown(object? value) => value switch
    {
        null => Null,
        bool yes => yes ? "true" : "false",
        IFormattable number => number.ToString("0.###", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static int Compare(object? one, object? other) => (one, other) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (IComparable a, { } b) => a.CompareTo(b),
        _ => 0,
    };

    private static double? Divide(double? one, double? other) => other == 0 ? null : one / other;

    private static double? Calculate(string formula, double?[] of)
    {
        double? result = formula switch
        {
            "A / B" => Divide(of[0], of[1]),
            "(A + 2) * -B" => (of[0] + 2) * -of[1],
            "A-B/4+.5" => of[0] - (of[1] / 4) + 0.5,
            "A / (A + B) * 100" => Divide(of[0], of[0] + of[1]) * 100,
            _ => throw new ArgumentOutOfRangeException(nameof(formula), formula, null),
        };
        return result;
    }

    private static double? Number(object? value) => value switch
    {
        null => null,
        bool yes => yes ? 1 : 0,
        decimal number => (double)number,
        DateTimeOffset time => (time - DateTimeOffset.UnixEpoch).TotalSeconds,
        _ => throw new ArgumentException($"{value} is no number.", nameof(value)),
    };

    private static DateTimeOffset? Date(JsonNode? text, TimeZoneInfo zone, bool isEnd)
    {
        if (text is null)
        {
            return null;
        }

        if (DateOnly.TryParseExact((string)text!, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            DateTime midnight = day.AddDays(isEnd ? 1 : 0).ToDateTime(TimeOnly.MinValue);
            return new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(midnight, zone), TimeSpan.Zero);
        }

        return DateTimeOffset.Parse((string)text!, CultureInfo.InvariantCulture);
    }

    private string Person(string id) => _persons.GetValueOrDefault(id, id);

    /// <summary>The person of each id that was merged: events merge one after the other, in the order in which they were written.</summary>
    private static Dictionary<string, string> Persons(IReadOnlyList<StoredSession> sessions)
    {
        Dictionary<string, string> persons = [];
        HashSet<string> identified = [];
        foreach (StoredEvent said in sessions.SelectMany(session => session.Events))
        {
            string? other = said.Name switch
            {
                "$identify" => (string?)said.Properties.GetValueOrDefault("$anon_distinct_id"),
                "$create_alias" or "$merge_dangerously" => (string?)said.Properties.GetValueOrDefault("alias"),
                _ => null,
            };
            if (other is null)
            {
                continue;
            }

            string source = persons.GetValueOrDefault(other, other), target = persons.GetValueOrDefault(said.DistinctId, said.DistinctId);
            if (said.Name == "$merge_dangerously" || !identified.Contains(source))
            {
                (persons[other], persons[said.DistinctId]) = (target, target);
                foreach (string id in persons.Keys.Where(id => persons[id] == source).ToArray())
                {
                    persons[id] = target;
                }
            }

            identified.Add(persons.GetValueOrDefault(said.DistinctId, said.DistinctId));
        }

        return persons;
    }
}
