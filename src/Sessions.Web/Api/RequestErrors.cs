using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Sessions.Database.Properties;
using Sessions.Domain.Querying;
using Sessions.Queries;

namespace Sessions.Web.Api;

/// <summary>
/// Reads the fields of a request and collects their faults. The API answers with the first fault, pages show all.
/// </summary>
internal sealed class RequestErrors
{
    private readonly List<(string Field, string Fault)> _faults = [];

    /// <summary>The answer to a request with a wrong field; null when all are right.</summary>
    public ProblemHttpResult? Problem => _faults is [var first, ..] ? Refusal(first.Field, first.Fault) : null;

    /// <summary>The first fault as a sentence for people; null when all fields are right.</summary>
    public string? Fault => _faults is [var first, ..] ? $"{first.Field} {first.Fault}." : null;

    /// <summary>All faults. Each is a phrase that follows the field's name.</summary>
    public IReadOnlyList<(string Field, string Fault)> Faults => _faults;

    /// <summary>The answer to a request with a wrong field.</summary>
    public static ProblemHttpResult Refusal(string field, string fault) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "The request has a wrong field.",
        detail: $"{field} {fault}.",
        extensions: new Dictionary<string, object?> { ["field"] = field });

    /// <summary>Adds a fault.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="fault">What the field must be, as a phrase after its name.</param>
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

    /// <summary>Checks a whole number; null when it is missing or out of bounds.</summary>
    public int? Whole(string field, int? number, int least, int most)
    {
        if (number is null || (number >= least && number <= most))
        {
            return number;
        }

        Refuse(field, $"must be a whole number from {least} to {most}");
        return null;
    }

    public DateTimeOffset? Time(string field, string? text, bool isEnd, DateTimeOffset now, LocalCalendar calendar)
    {
        if (!RequestTime.TryParse(text, isEnd, now, out DateTimeOffset? time, calendar))
        {
            Refuse(field, RequestTime.Expected);
        }

        return time;
    }

    /// <summary>The project's calendar in the requested time zone.</summary>
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

    /// <summary>Creates the CSV writer. It turns formulas into text, unless the caller wants them raw.</summary>
    public Csv Csv(string? formulas)
    {
        if (formulas is not (null or "" or "text" or "raw"))
        {
            Refuse("formulas", "must be text (a ' precedes values that a spreadsheet would run) or raw");
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
        string name = descending ? text[1..] : text;
        if (name == SessionOrder.Views)
        {
            return SessionOrder.ByViews(descending);
        }

        if (SessionProperties.Find(name) is { Type: not PropertyType.List } property)
        {
            return new SessionOrder(property, descending);
        }

        Refuse("order", "must be a property of a session that is no list, such as $start_timestamp, or views (pages and screens), with a - before it for descending");
        return SessionOrder.Default;
    }
}
