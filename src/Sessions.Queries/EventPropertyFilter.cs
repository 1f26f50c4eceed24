using Npgsql;
using Sessions.Database.Properties;

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
    /// <inheritdoc/>
    internal override string OnSession(NpgsqlParameterCollection parameters) =>
        // Joins through the session's row, which names the journal partition with its events.
        $"""
        exists (
            select from tracking.sessions b
            join   tracking.all_events e on e.project = b.project and e.session_id = b.session_id and e.born = b.born
            where  b.project = s.project and b.session_id = s.session_id and {OnEvent(parameters)})
        """;

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
    private static readonly Dictionary<string, EventField> Columns = new EventField[]
    {
        Of("event", PropertyType.Text),
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
