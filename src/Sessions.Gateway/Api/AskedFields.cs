using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Sessions.Domain.Querying;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>
/// Reads the fields of a request and remembers what is wrong with them. Programs are told of the first, people of all.
/// </summary>
internal sealed class AskedFields
{
    private readonly List<(string Field, string Fault)> _faults = [];

    /// <summary>The answer to a caller who got a field wrong; null when all are right.</summary>
    public ProblemHttpResult? Problem => _faults is [var first, ..] ? Refusal(first.Field, first.Fault) : null;

    /// <summary>The same for a person; null when all fields are right.</summary>
    public string? Fault => _faults is [var first, ..] ? $"{first.Field} {first.Fault}." : null;

    /// <summary>All that is wrong, each with what the field must be, to be read after its name.</summary>
    public IReadOnlyList<(string Field, string Fault)> Faults => _faults;

    /// <summary>The answer to a caller who got a field wrong.</summary>
    public static ProblemHttpResult Refusal(string field, string fault) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "The request has a wrong field.",
        detail: $"{field} {fault}.",
        extensions: new Dictionary<string, object?> { ["field"] = field });

    /// <summary>Remembers that a field is wrong.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="fault">What it must be, to be read after the name.</param>
    public void Refuse(string field, string fault) => _faults.Add((field, fault));

    public int Limit(string? text, ApiOptions options)
    {
        if (string.IsNullOrEmpty(text))
        {
            return options.DefaultLimit;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            && limit >= 1 && limit <= options.MaxLimit)
        {
            return limit;
        }

        Refuse("limit", $"must be a whole number from 1 to {options.MaxLimit}");
        return options.DefaultLimit;
    }

    public DateTimeOffset? Time(string field, string? text, bool isEnd, DateTimeOffset now, LocalCalendar calendar)
    {
        if (!AskedTime.TryParse(text, isEnd, now, out DateTimeOffset? time, calendar))
        {
            Refuse(field, AskedTime.Expected);
        }

        return time;
    }

    /// <summary>The project's calendar, in the zone that the caller names.</summary>
    public LocalCalendar Calendar(string? timezone, LocalCalendar ofProject)
    {
        if (string.IsNullOrEmpty(timezone))
        {
            return ofProject;
        }

        if (TimeZoneName.IsKnown(timezone))
        {
            return ofProject with { Zone = TimeZoneInfo.FindSystemTimeZoneById(timezone) };
        }

        Refuse("timezone", "must be a time zone of the IANA database, such as \"Europe/Berlin\" or \"UTC\"");
        return ofProject;
    }

    /// <summary>How CSV is written: with what a spreadsheet would run made text, unless the caller wants it raw.</summary>
    public Csv Csv(string? formulas)
    {
        if (formulas is not (null or "" or "text" or "raw"))
        {
            Refuse("formulas", "must be text (what a spreadsheet would run has a ' before it) or raw");
        }

        return new Csv(runs: formulas == "raw");
    }

    public SessionOrder Order(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return SessionOrder.Default;
        }

        bool descending = text[0] == '-';
        if (SessionProperties.Find(descending ? text[1..] : text) is { } property)
        {
            return new SessionOrder(property, descending);
        }

        Refuse("order", "must be a property of a session, such as $start_timestamp, with a - before it for descending");
        return SessionOrder.Default;
    }
}
