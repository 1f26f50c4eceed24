using System.Globalization;
using Sessions.Database.Properties;
using Sessions.Domain.Querying;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>
/// Reads the fields of the explorer's form. A field that makes no sense has its usual value, and the page says beside it what
/// is wrong.
/// </summary>
internal sealed class ExploreFields(PageQuery query, int mostSeries, int mostBins)
{
    /// <summary>The field with the property of a series' event.</summary>
    public const string EventKey = "event_property";

    /// <summary>The field with the property of events whose values are the groups.</summary>
    public const string EventBreakdown = "event_breakdown";

    private readonly Dictionary<string, string> _faults = [];

    /// <summary>What is wrong, by the ids of the form's fields; <c>series-0</c> is the first series.</summary>
    public IReadOnlyDictionary<string, string> Faults => _faults;

    /// <summary>The form of the result.</summary>
    public string Chart() => OneOf("chart", ExploreState.Charts, ExploreState.Charts[0], "no form of a chart");

    /// <summary>The length of a point; null for one point.</summary>
    public string? Interval()
    {
        string interval = OneOf("interval", ExploreState.Intervals.Select(one => one.Id), "day", "no interval; the chart has days");
        return interval == "whole" ? null : interval;
    }

    /// <summary>Whether to compare with the period before.</summary>
    public bool Compare() => OneOf("compare", ["on", "off"], "off", "no comparison") == "on";

    /// <summary>The series.</summary>
    public IReadOnlyList<SeriesJson> Series()
    {
        IReadOnlyList<string> events = query.All("event"), maths = query.All("math"), properties = query.All("property"), keys = query.All(EventKey);
        SeriesJson[] series =
        [
            .. maths.Take(mostSeries).Select((math, at) =>
                OneSeries(at, events.ElementAtOrDefault(at), math, properties.ElementAtOrDefault(at), keys.ElementAtOrDefault(at))),
        ];
        if (maths.Count > mostSeries)
        {
            _faults["series"] = $"A chart has at most {mostSeries} series. These are the first ones.";
        }

        return series.Length > 0 ? series : [new SeriesJson(null, "total")];
    }

    /// <summary>The formula; null for none.</summary>
    public string? FormulaOf(int series)
    {
        if (query["formula"] is not { } text || Formula.TryParse(text, series, out _, out string? fault))
        {
            return query["formula"];
        }

        _faults["formula"] = $"The formula {fault}. Series are called A, B and so on. The chart shows the series themselves.";
        return null;
    }

    /// <summary>The groups; null for none.</summary>
    /// <param name="series">The series.</param>
    public BreakdownJson? Breakdown(IReadOnlyList<SeriesJson> series)
    {
        int? bins = Bins();
        if (query[EventBreakdown] is { } key && !string.IsNullOrWhiteSpace(key))
        {
            if (!IsKey(key))
            {
                _faults[EventBreakdown] = $"“{key.Trim()}” can't be a property of an event. The chart is not broken down.";
                return null;
            }

            if (series.Any(one => one.Event is null))
            {
                _faults[EventBreakdown] = "A series of sessions can't be broken down by a property of events. Name its event.";
                return null;
            }

            return new BreakdownJson(key.Trim(), bins, QueryCheck.DefaultLimit, QueryCheck.OfEvent);
        }

        if (query["breakdown"] is not { } name)
        {
            if (bins is not null)
            {
                _faults["bins"] = "Bins need a number to break down by.";
            }

            return null;
        }

        if (SessionProperties.Find(name) is not { } property)
        {
            _faults["breakdown"] = $"A session has no property “{name}”. The chart is not broken down.";
            return null;
        }

        if (bins is not null && property.Type is not (PropertyType.Number or PropertyType.Seconds))
        {
            _faults["bins"] = $"{Format.Label(name)} is not a number, so it has no bins. It has a group for each value.";
            bins = null;
        }

        return new BreakdownJson(name, bins, QueryCheck.DefaultLimit);
    }

    private SeriesJson OneSeries(int at, string? name, string math, string? property, string? key)
    {
        string? happened = string.IsNullOrWhiteSpace(name) ? null : name.Trim();
        if (happened is not null && !Api.PropertyText.TryParse(PropertyType.Text, happened, out _))
        {
            Fault($"“{happened}” can't be the name of an event. The series counts sessions.");
            happened = null;
        }

        if (ExploreState.Maths.All(one => one.Id != math))
        {
            Fault($"“{math}” is no math. The series is a count.");
            math = "total";
        }

        if (math is "total" or "unique_sessions" or "unique_users")
        {
            return new SeriesJson(happened, math);
        }

        if (!string.IsNullOrWhiteSpace(key))
        {
            if (happened is null)
            {
                Fault($"“{key.Trim()}” is a property of events, and the series is of sessions. Name the event.");
            }
            else if (IsKey(key))
            {
                return new SeriesJson(happened, math, key.Trim(), PropertyType: QueryCheck.OfEvent);
            }
            else
            {
                Fault($"“{key.Trim()}” can't be a property of an event.");
            }
        }

        property = string.IsNullOrEmpty(property) ? "$session_duration" : property;
        if (SessionProperties.Find(property)?.Type is not (PropertyType.Number or PropertyType.Seconds or PropertyType.Time or PropertyType.Boolean))
        {
            Fault($"{ExploreState.Maths.First(one => one.Id == math).Name} needs a number, and “{property}” is none. The series is of the duration.");
            property = "$session_duration";
        }

        return new SeriesJson(happened, math, property);

        void Fault(string text) => _faults[$"series-{at}"] = text;
    }

    private static bool IsKey(string key) => Api.PropertyText.TryParse(PropertyType.Text, key.Trim(), out _);

    private int? Bins()
    {
        if (query["bins"] is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bins) && bins >= 1 && bins <= mostBins)
        {
            return bins;
        }

        _faults["bins"] = $"Bins must be a whole number from 1 to {mostBins}. There is a group for each value.";
        return null;
    }

    private string OneOf(string field, IEnumerable<string> known, string usual, string fault)
    {
        if (query[field] is not { } asked || known.Contains(asked))
        {
            return query[field] ?? usual;
        }

        _faults[field] = $"“{asked}” is {fault}.";
        return usual;
    }
}
