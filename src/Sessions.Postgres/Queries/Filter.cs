using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>How a filter compares. What is absent matches is_not_set and the operators that negate, and no other.</summary>
public enum FilterOperator
{
    Exact,
    IsNot,
    In,
    NotIn,
    IContains,
    NotIContains,
    Regex,
    NotRegex,
    Gt,
    Gte,
    Lt,
    Lte,
    Between,
    IsSet,
    IsNotSet,
}

/// <summary>One condition on sessions or on events.</summary>
/// <param name="Operator">How the property is compared.</param>
/// <param name="Values">
/// With what: one value, none for the two operators about being set, two for between, any number for the two about lists.
/// </param>
public abstract record Filter(FilterOperator Operator, IReadOnlyList<object> Values)
{
    /// <summary>The condition on a session, whose alias is <c>s</c>, with its values added to the parameters.</summary>
    internal abstract string OnSession(NpgsqlParameterCollection parameters);

    /// <summary>The condition on an event with the alias <c>e</c>; its session has the alias <c>s</c>.</summary>
    internal abstract string OnEvent(NpgsqlParameterCollection parameters);

    /// <summary>A filter that compares one expression with values of the expression's own type.</summary>
    private protected string Compare(string expression, NpgsqlParameterCollection parameters) => Operator switch
    {
        FilterOperator.Exact => $"{expression} = {Add(parameters, 0)}",
        FilterOperator.IsNot => $"{expression} is distinct from {Add(parameters, 0)}",
        FilterOperator.In => $"{expression} = any({List(parameters)})",
        // What is absent is not what is sought. "<> all", "= 0" and "!~" would be null for it.
        FilterOperator.NotIn => $"({expression} = any({List(parameters)})) is not true",
        FilterOperator.IContains => $"strpos({Folded(expression)}, {Folded(Add(parameters, 0))}) > 0",
        FilterOperator.NotIContains => $"(strpos({Folded(expression)}, {Folded(Add(parameters, 0))}) > 0) is not true",
        FilterOperator.Regex => $"{expression}::text ~ {Add(parameters, 0)}",
        FilterOperator.NotRegex => $"({expression}::text ~ {Add(parameters, 0)}) is not true",
        FilterOperator.Gt => $"{expression} > {Add(parameters, 0)}",
        FilterOperator.Gte => $"{expression} >= {Add(parameters, 0)}",
        FilterOperator.Lt => $"{expression} < {Add(parameters, 0)}",
        FilterOperator.Lte => $"{expression} <= {Add(parameters, 0)}",
        FilterOperator.Between => $"{expression} between {Add(parameters, 0)} and {Add(parameters, 1)}",
        FilterOperator.IsSet => $"{expression} is not null",
        FilterOperator.IsNotSet => $"{expression} is null",
        _ => throw new InvalidOperationException($"{Operator} has no SQL."),
    };

    private protected string Add(NpgsqlParameterCollection parameters, int value) => parameters.AddNext(Values[value]);

    /// <summary>Values of one type as one parameter, however many they are.</summary>
    private protected static string AddList(NpgsqlParameterCollection parameters, IReadOnlyList<object> values)
    {
        Array list = Array.CreateInstance(values[0].GetType(), values.Count);
        for (int i = 0; i < list.Length; i++)
        {
            list.SetValue(values[i], i);
        }

        return parameters.AddNext(list);
    }

    private string List(NpgsqlParameterCollection parameters) => AddList(parameters, Values);

    // The database's own rules may know the letters of ASCII alone.
    private static string Folded(string text) => $"lower({text}::text collate pg_catalog.\"und-x-icu\")";
}

/// <summary>One condition on a property of a session.</summary>
/// <param name="Property">The property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">With what, each of the property's type, or text for the operators on text.</param>
public sealed record SessionFilter(SessionProperty Property, FilterOperator Operator, IReadOnlyList<object> Values)
    : Filter(Operator, Values)
{
    /// <inheritdoc/>
    internal override string OnSession(NpgsqlParameterCollection parameters) => Compare($"s.{Property.Column}", parameters);

    /// <inheritdoc/>
    internal override string OnEvent(NpgsqlParameterCollection parameters) => OnSession(parameters);
}
