using System.Globalization;
using Npgsql;
using Sessions.Database.Properties;
using Sessions.Domain.Folding;

namespace Sessions.Queries;

/// <summary>A condition on an event. Applied to sessions, it holds for a session that has such an event.</summary>
/// <param name="Field">The event's column or property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">
/// The values to compare with. Values for a property are text or, if the caller gave a number, <see cref="decimal"/>.
/// Values for a column have the column's type.
/// </param>
public sealed record EventPropertyFilter(EventField Field, FilterOperator Operator, IReadOnlyList<object> Values)
    : Filter(Operator, Values)
{
    // A full list may lack names. The row of a live session may be behind its events.
    private static readonly string MayHaveMoreNames = string.Create(
        CultureInfo.InvariantCulture, $"(cardinality(s.event_names) >= {FirstNames.Most} or s.status = 'live')");

    /// <inheritdoc/>
    internal override string OnSession(NpgsqlParameterCollection parameters)
    {
        string condition = OnEvent(parameters);
        // Rows of older versions have no names. There may be many of them, and only few of the others that the row does not
        // decide: their events are looked up for each.
        return IsForNames
            ? $"(s.event_names && {AddList(parameters, Values)} or (s.event_names is null and {Exists(condition)}) or ({MayHaveMoreNames} and {Exists(condition, "offset 0")}))"
            : Exists(condition);
    }

    /// <inheritdoc/>
    internal override string OnEvent(NpgsqlParameterCollection parameters)
    {
        if (Field.Column is { } column)
        {
            return Compare($"e.{column}", parameters);
        }

        string name = parameters.AddNext(Field.Name);
        string text = $"(e.properties ->> {name})";
        return Values.Any(value => value is decimal)
            ? CompareNumbers(text, $"(e.properties -> {name})", parameters)
            : Compare($"{text} collate \"C\"", parameters);
    }

    // Joins through the session's row, which names the journal partition with its events. With an offset, Postgres does not
    // read the events of all sessions at once.
    private static string Exists(string condition, string offset = "") =>
        $"""
        exists (
            select from tracking.sessions b
            join   tracking.all_events e on e.project = b.project and e.session_id = b.session_id and e.born = b.born
            where  b.project = s.project and b.session_id = s.session_id and {condition} {offset})
        """;

    /// <summary>
    /// Whether it asks for names that a session's row has as events have them. The row cuts the longest names, which older
    /// versions stored.
    /// </summary>
    private bool IsForNames => Field.Column == EventField.NameColumn && Operator is FilterOperator.Exact or FilterOperator.In
        && Values.All(value => value is string { Length: < IdText.MaxLength - 1 });

    private string CompareNumbers(string text, string json, NpgsqlParameterCollection parameters)
    {
        string number = EventNumber.Of(text, json);
        return Operator switch
        {
            FilterOperator.Exact or FilterOperator.In => AnyOf(),
            FilterOperator.IsNot or FilterOperator.NotIn => $"({AnyOf()} is not true)",
            _ => Compare(number, parameters),
        };

        string AnyOf()
        {
            object[] texts = [.. Values.Where(value => value is not decimal)];
            string numbers = $"{number} = any({AddList(parameters, [.. Values.Where(value => value is decimal)])})";
            return texts is [] ? $"({numbers})" : $"({numbers} or {text} = any({AddList(parameters, texts)}))";
        }
    }
}

/// <summary>A field of an event that filters can use: a column of the view, else a property.</summary>
/// <param name="Name">The column's or the property's name.</param>
/// <param name="Type">
/// The type of the column. A property may hold any value, and is compared as text or as a number.
/// </param>
/// <param name="Column">The column; null for a property.</param>
public sealed record EventField(string Name, PropertyType Type, string? Column)
{
    /// <summary>The column with the event's name.</summary>
    internal const string NameColumn = "event";

    private static readonly Dictionary<string, EventField> Columns = new EventField[]
    {
        Of(NameColumn, PropertyType.Text),
        Of("event_id", PropertyType.Uuid),
        Of("timestamp", PropertyType.Time),
        Of("received_at", PropertyType.Time),
        Of("distinct_id", PropertyType.Text),
        Of("device_id", PropertyType.Text),
        Of("window_id", PropertyType.Text),
        Of("current_url", PropertyType.Text),
        Of("pathname", PropertyType.Text),
    }.ToDictionary(field => field.Name);

    /// <summary>The columns' names.</summary>
    public static IReadOnlyCollection<string> ColumnNames => Columns.Keys;

    /// <summary>Finds the column with this name; else returns the property.</summary>
    public static EventField Find(string name) => Columns.GetValueOrDefault(name) ?? new EventField(name, PropertyType.Text, null);

    private static EventField Of(string column, PropertyType type) => new(column, type, column);
}
