using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>One condition on an event: on a session it asks whether the session has such an event.</summary>
/// <param name="Field">The event's column or property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">
/// With what. A property's values are text or, where the caller gave a number, <see cref="decimal"/>; a column's have the
/// column's type.
/// </param>
public sealed record EventPropertyFilter(EventField Field, FilterOperator Operator, IReadOnlyList<object> Values)
    : Filter(Operator, Values)
{
    /// <inheritdoc/>
    internal override string OnSession(NpgsqlParameterCollection parameters) =>
        // By way of the session's row, which knows the one partition of the journal that holds its events.
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
        // A number in the event, or a text that is nothing but one. Postgres may not try the cast on anything else.
        string number =
            $"""
            (case when jsonb_typeof({json}) = 'number' or {text} ~ '^\s*-?[0-9]{"{1,100}"}(\.[0-9]{"{1,100}"})?\s*$'
                  then {text}::numeric end)
            """;
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

/// <summary>What an event can be asked for: a column of the view, else a property.</summary>
/// <param name="Name">The column's or the property's name.</param>
/// <param name="Type">The kind of its value; a property may hold anything, and is compared as text or as a number.</param>
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

    /// <summary>The column with this name, else the property.</summary>
    public static EventField Find(string name) => Columns.GetValueOrDefault(name) ?? new EventField(name, PropertyType.Text, null);

    private static EventField Of(string column, PropertyType type) => new(column, type, column);
}
