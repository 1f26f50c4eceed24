namespace Sessions.Queries;

/// <summary>Generates the SQL of a property of events as a number: a JSON number, or a text that is nothing but a number.</summary>
internal static class EventNumber
{
    private const string IsText = @"^\s*-?[0-9]{1,100}(\.[0-9]{1,100})?\s*$";

    // A number with more characters may be beyond what a double can hold: 1e400 has 401.
    private const int MostOfJson = 300;

    /// <summary>The number, for comparisons; null when the value is no number.</summary>
    /// <param name="text">The SQL expression of the value as text.</param>
    /// <param name="json">The SQL expression of the value as JSON.</param>
    public static string Of(string text, string json) => Cast(text, $"jsonb_typeof({json}) = 'number'");

    /// <summary>The number, for calculations, which need it within the range of a double; else null.</summary>
    /// <inheritdoc cref="Of"/>
    public static string Calculable(string text, string json) => Cast(text, $"(jsonb_typeof({json}) = 'number' and length({text}) <= {MostOfJson})");

    // The case makes sure that Postgres casts nothing else.
    private static string Cast(string text, string isNumber) => $"(case when {isNumber} or {text} ~ '{IsText}' then {text}::numeric end)";
}
