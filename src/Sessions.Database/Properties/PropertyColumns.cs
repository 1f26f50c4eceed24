namespace Sessions.Database.Properties;

/// <summary>
/// The names by which gateways ask a file of columns for properties of events that have columns of their own. Each file chooses
/// these properties when it is written, and a gateway does not know them. So its statement gives the property's name to macros of
/// the file, and one statement works with every file.
/// </summary>
public static class PropertyColumns
{
    /// <summary>The most properties that have columns.</summary>
    public const int Most = 24;

    /// <summary>The table of which <c>events</c> is a view: it has these columns too.</summary>
    public const string EventRows = "event_rows";

    /// <summary>The macro of a name: whether the property has a column.</summary>
    public const string Has = "has_property_column";

    /// <summary>The macro of a name and <see cref="Arguments"/>: the value, as Postgres' <c>-&gt;&gt;</c> gives it.</summary>
    public const string Value = "property_column";

    /// <summary>The macro of a name and the column <see cref="Numbers"/>: whether the value is a number of JSON.</summary>
    public const string IsNumber = "property_is_number";

    /// <summary>The column that says which of an event's values are numbers of JSON: one bit each.</summary>
    public const string Numbers = "property_numbers";

    /// <summary>The names of the columns.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(1, Most).Select(number => $"p{number}")];

    /// <summary>
    /// All columns of events with the alias <c>e</c>, for the macro <see cref="Value"/>. DuckDB finds out which one it is while it
    /// plans, and reads that one only.
    /// </summary>
    public static string Arguments { get; } = string.Join(", ", Names.Select(name => $"e.{name}"));

    /// <summary>Whether a property may have a column: JSON has its name without escapes.</summary>
    public static bool MayHave(string name) => !name.Any(c => c is < ' ' or '"' or '\\');
}
