using DuckDB.NET.Data;
using Sessions.Columns.Files;
using Sessions.Columns.Filling;
using Sessions.Columns.Schema;
using Sessions.Database.Properties;

namespace Sessions.Tests.Columns;

/// <summary>A file gives its ids numbers, by which persons are counted.</summary>
public sealed class NumberBackfillTests : IDisposable
{
    private readonly DuckDBConnection _duck = new("DataSource=:memory:");

    public NumberBackfillTests()
    {
        _duck.Open();
        foreach (string statement in ColumnsSchema.CreateStatements)
        {
            Sql.Run(_duck, statement);
        }
    }

    public void Dispose() => _duck.Dispose();

    [Fact]
    public void Ids_keep_their_numbers_and_new_ones_get_the_next()
    {
        AddPersons(0, 10);
        Assert.Equal(FileNumbers.AtFirst, NumberBackfill.Assign(_duck, FileNumbers.AtFirst));
        object? first = Numbers(10);

        AddPersons(10, 5);
        NumberBackfill.Assign(_duck, FileNumbers.AtFirst);

        Assert.Equal(first, Numbers(10));
        // Five ids a person, and the persons themselves.
        Assert.Equal(18L, Sql.Value(_duck, "SELECT count(DISTINCT number) FROM ids"));
        Assert.Equal(17L, Convert.ToInt64(Sql.Value(_duck, "SELECT max(number) FROM ids"), null));
        Assert.Equal(3L, Count());
    }

    /// <summary>A sender can make them on purpose. They count as one id, and nothing may fail.</summary>
    [Fact]
    public void Two_merged_ids_with_one_hash_have_one_number_and_one_person()
    {
        AddPersons(0, 1);
        Sql.Run(_duck, "INSERT INTO persons (distinct_id, person, id_hash, person_hash) SELECT 'twin', person, id_hash, person_hash FROM persons");
        NumberBackfill.Assign(_duck, FileNumbers.AtFirst);

        RowNumbers? all = NumberLookup.All(_duck).OfEvent("0", Guid.NewGuid(), out _);
        Guid session = Guid.NewGuid();
        RowNumbers? some = NumberLookup.Some(_duck, ["0"], [session]).OfEvent("0", session, out _);

        object? person = Sql.Value(_duck, $"SELECT any_value({PersonNumbers.OfPerson}) FROM persons");
        Assert.Equal((person, person), (all?.Person, some?.Person));
    }

    [Theory]
    [InlineData(70_000)]
    [InlineData(300_000)]
    [InlineData(4_200_000)]
    public void Persons_are_counted_also_when_there_are_more_ids_than_the_file_has_counted_so_far(int ids)
    {
        AddPersons(0, ids);

        long counted = NumberBackfill.Assign(_duck, FileNumbers.AtFirst).Ids;

        Assert.True(counted > ids, $"{counted} numbers");
        Assert.Equal(ids / 5, Count());
        Assert.Equal(0L, Sql.Value(_duck, $"SELECT {PersonNumbers.Count}({PersonNumbers.OfPerson}) FROM persons WHERE false"));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(129)]
    public void Groups_by_the_names_of_events_are_counted_alike_however_many_names_there_are(int names)
    {
        Sql.Run(
            _duck,
            $"""
            INSERT INTO {PropertyColumns.EventRows} (
                session_id, event_id, timestamp, received_at, event, distinct_id, properties, born, sender_order, {PropertyColumns.Numbers}, {PersonNumbers.NamesNobody})
            SELECT md5((i % 7)::VARCHAR)::UUID, md5(i::VARCHAR)::UUID, now(), now(), 'name ' || i % {names}, i % 5, '{"{}"}', current_date, 0, 0, false
            FROM   range({names * 35}) t(i)
            """);

        Sql.Run(_duck, FileBuilder.NamesOfEvents);

        FileNumbers counted = NumberBackfill.Assign(_duck, FileNumbers.AtFirst);

        Assert.Equal(names > PersonNumbers.MostGroups, counted.HaveManyNames);
        Assert.Equal(
            names,
            Convert.ToInt32(
                Sql.Value(
                    _duck,
                    $"""
                    SELECT count(*)
                    FROM   (SELECT {SessionNumbers.CountByName}({SessionNumbers.Of}) AS sessions, {PersonNumbers.CountByName}({PersonNumbers.OfId}) AS ids,
                                   count(DISTINCT session_id) AS right_sessions, count(DISTINCT distinct_id) AS right_ids
                            FROM   {PropertyColumns.EventRows}
                            GROUP  BY event)
                    WHERE  sessions = right_sessions AND ids = right_ids
                    """),
                null));
    }

    private long Count() => Convert.ToInt64(Sql.Value(_duck, $"SELECT {PersonNumbers.Count}({PersonNumbers.OfPerson}) FROM persons"), null);

    private object? Numbers(int ids) =>
        Sql.Value(_duck, $"SELECT string_agg(distinct_id || ' ' || {PersonNumbers.OfId} || ' ' || {PersonNumbers.OfPerson}, ', ' ORDER BY distinct_id) FROM (FROM persons ORDER BY distinct_id::INT LIMIT {ids})");

    private void AddPersons(int from, int ids) => Sql.Run(
        _duck,
        $"""
        INSERT INTO persons (distinct_id, person, id_hash, person_hash)
        SELECT i::VARCHAR, 'person ' || i // 5, md5(i::VARCHAR)::UUID, md5('person ' || i // 5)::UUID
        FROM   range({from}, {from + ids}) t(i)
        """);
}
