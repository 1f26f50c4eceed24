using Sessions.Database.Properties;

namespace Sessions.Queries.Engines;

/// <summary>
/// What differs between the SQL of the engines that answer questions: Postgres, which has the truth, and DuckDB, which holds a
/// copy of each project in columns. Postgres' meaning holds. What DuckDB can't answer exactly as Postgres does throws
/// <see cref="OnlyPostgresException"/>, or fails in DuckDB, and Postgres answers.
/// </summary>
/// <remarks>Sessions have the alias <c>s</c>, events <c>e</c>, and their persons <c>p</c>.</remarks>
internal abstract class Dialect
{
    /// <summary>Postgres' SQL.</summary>
    public static Dialect Postgres { get; } = new PostgresDialect();

    /// <summary>DuckDB's SQL.</summary>
    public static Dialect Columns { get; } = new ColumnsDialect();

    /// <summary>The table of sessions.</summary>
    public abstract string Sessions { get; }

    /// <summary>The table of events.</summary>
    public abstract string Events { get; }

    /// <summary>
    /// Whether one statement over several ranges of time takes less than one for each. Postgres finds each range by an index.
    /// </summary>
    public abstract bool ReadsRangesTogether { get; }

    /// <summary>The column of sessions and events that is the same for a session and its events, and takes the least time to compare.</summary>
    public abstract string SessionKey { get; }

    /// <summary>The SQL join of events' sessions.</summary>
    public abstract string JoinSessions { get; }

    /// <summary>The SQL joins of the persons of events or sessions, and the expression of a person.</summary>
    public abstract (string Join, string Person) Persons(bool ofEvents, string project, StatementParameters parameters);

    /// <summary>The SQL expression of the number of different persons in a group.</summary>
    /// <param name="person">The expression of a person, as <see cref="Persons"/> gives it.</param>
    /// <param name="groups">The most groups that the statement has.</param>
    public abstract string CountPersons(string person, int groups);

    /// <summary>The SQL expression of the number of different sessions in a group.</summary>
    /// <param name="session">The column <see cref="SessionKey"/>.</param>
    /// <param name="groups">The most groups that the statement has.</param>
    public abstract string CountSessions(string session, int groups);

    /// <summary>
    /// The SQL expressions that find the persons of sessions by their ids, when each id has one row <c>its</c>: what sessions of
    /// one id have in common, the join of persons with that as <c>its.id</c>, and a row's person. Null when it takes less time to find
    /// the person of each session.
    /// </summary>
    public abstract (string Id, string Join, string Person)? PersonsOfIds(string project, StatementParameters parameters);

    /// <summary>The SQL condition that a row is of a project.</summary>
    public abstract string IsOf(string row, string project, StatementParameters parameters);

    /// <summary>The SQL condition that the session has an event for which a condition on <c>e</c> holds.</summary>
    public abstract string HasEvent(string condition);

    /// <summary>
    /// The SQL condition that the session has an event of one of these names. The condition on <c>e</c> says the same.
    /// </summary>
    public abstract string HasEventOfName(IReadOnlyList<object> names, string condition, StatementParameters parameters);

    /// <summary>The SQL expression of the number of a time's bucket, from 1 on.</summary>
    public abstract string Bucket(string time, IReadOnlyList<DateTimeOffset> starts, StatementParameters parameters);

    /// <summary>The SQL expression of the number of a bin of equal width, from 1 on. The highest number is in the last one.</summary>
    public abstract string Bin(string number, decimal low, decimal high, int bins, StatementParameters parameters);

    /// <summary>The SQL condition that a value is one of these.</summary>
    public abstract string IsAnyOf(string value, IReadOnlyList<object> values, StatementParameters parameters);

    /// <summary>The SQL condition that a list has one of these values.</summary>
    public abstract string HasAnyOf(string list, IReadOnlyList<object> values, StatementParameters parameters);

    /// <summary>The SQL expression of a list, null when it is empty.</summary>
    public abstract string NullIfEmpty(string list);

    /// <summary>The SQL condition that a text contains another one, without regard to letter case.</summary>
    public abstract string ContainsFolded(string text, PropertyType type, string part, StatementParameters parameters);

    /// <summary>The SQL condition that a text matches a regular expression.</summary>
    public abstract string Matches(string text, string pattern, StatementParameters parameters);

    /// <summary>The SQL expression of a path that rules have rewritten.</summary>
    public abstract string Rewritten(string path, string pattern, string replacement, StatementParameters parameters);

    /// <summary>Checks that values of this type have the same order in this engine.</summary>
    public abstract void CheckOrder(PropertyType type, bool isByBytes);

    /// <summary>The SQL of a property of events whose name senders choose.</summary>
    public abstract EventPropertySql Property(string name, StatementParameters parameters);

    /// <summary>The SQL expression of a text of events as a number, null when it is none.</summary>
    public abstract string NumberOfText(string text);

    /// <summary>
    /// The SQL expression of a percentile of a number, which lies between two values when no value is at its place. Whole numbers and
    /// seconds of sessions have at most five digits after the point then: all six that are kept are exact, in both engines.
    /// </summary>
    /// <param name="number">The SQL expression of the number.</param>
    /// <param name="type">The type of a session's property; null for other numbers.</param>
    /// <param name="fraction">The fraction, 0 to 1, in whole percents.</param>
    public abstract string Percentile(string number, PropertyType? type, double fraction);

    /// <summary>The SQL expression of a time as exact seconds since 1970.</summary>
    public abstract string Epoch(string time);

    /// <summary>The SQL that makes a row of each item of a list, as <c>item.value</c>. An empty list has one row without a value.</summary>
    public abstract string Items(string list);

    /// <summary>
    /// The SQL join of <c>top.its_place</c>: one row for each different group in which the items of a list are.
    /// </summary>
    /// <param name="list">The list.</param>
    /// <param name="top">The values with a group of their own, as SQL made by <see cref="Top"/>.</param>
    /// <param name="absent">The group of an empty list.</param>
    /// <param name="others">The group of all other values.</param>
    public abstract string JoinPlacesOfItems(string list, string top, int absent, int others);

    /// <summary>The SQL of the rows <c>top (value, its_place)</c>: the values with a group of their own, and the groups' numbers.</summary>
    public abstract string Top(Array values, int[] places, PropertyType type, StatementParameters parameters);

    /// <summary>The text of the statement of the table of pages, and the SQL join that it needs.</summary>
    public abstract (string Text, string Join) PagesTable { get; }

    /// <summary>
    /// The text of the statement of the table of pages in two periods; null when it takes less time to ask for each. The last column says
    /// whether a row is of the first period.
    /// </summary>
    public abstract string? ComparedPagesText { get; }

    /// <summary>The text of the statement of the table of events.</summary>
    public abstract string EventsTableText { get; }

    /// <summary>The text of the statement of a page of sessions.</summary>
    public abstract string PageText { get; }
}

/// <summary>The SQL of a property of events whose name senders choose.</summary>
internal abstract class EventPropertySql
{
    /// <summary>The value as text, to group by; numbers that are the same have one text.</summary>
    public abstract string Value { get; }

    /// <summary>The value as a number, for comparisons; null when it is none.</summary>
    public abstract string Number { get; }

    /// <summary>The value as a number, for calculations, which need it within the range of a double; else null.</summary>
    public abstract string Calculable { get; }

    /// <summary>The value as text, as it was sent, compared by bytes.</summary>
    public abstract string Text { get; }

    /// <summary>The condition that the value is one of these texts.</summary>
    public abstract string IsAnyOf(IReadOnlyList<object> texts);

    /// <summary>The condition that there is a value.</summary>
    public abstract string IsSet { get; }
}

/// <summary>A question that only Postgres answers exactly.</summary>
internal sealed class OnlyPostgresException(string what) : Exception($"Only Postgres answers {what}.");
