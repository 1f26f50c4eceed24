using System.Text.Json;
using Npgsql;
using Sessions.Columns.Filling;

namespace Sessions.Tests.Columns;

/// <summary>The reader of properties gives what Postgres' <c>-&gt;&gt;</c> gives.</summary>
public sealed class ColumnPropertiesTests(TestPostgres postgres)
{
    private const string Letters = "ab\"\\{}[],: \n\u0001ä€";

    private static readonly string[] Names = ["a", "b", "cc", "d d", "ä", "n", "1"];

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a": null, "b": "", "cc": true, "n": false}""")]
    [InlineData("""{"a": 1.50, "b": -0, "cc": 1e400, "n": "1.50", "1": 12345678901234567890123}""")]
    [InlineData("""{"a": {"a": "inner", "b": "}"}, "b": [1, "a\"]", {"n": [2]}], "cc": "x"}""")]
    [InlineData("""{"a": "quote \" back \\ slash / tab \t line \n bell \u0007 end", "b": "\\", "cc": "\"", "n": "ends with \\\\"}""")]
    [InlineData("""{"a\"b": "no", "a": "yes", "x\\": {"a": "no"}, "d d": "space", "ä": "ü€😀"}""")]
    [InlineData("""{"other": {"deep": [[[{"a": "}]"}]]]}, "a": ", ", "b": ": ", "1": "one"}""")]
    public async Task Each_value_is_that_of_Postgres(string json)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        await using NpgsqlCommand command = database.CreateCommand(
            """
            select $1::text::jsonb::text, array_agg($1::text::jsonb ->> name order by place), array_agg(coalesce(jsonb_typeof($1::text::jsonb -> name) = 'number', false) order by place)
            from   unnest($2::text[]) with ordinality as names (name, place)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = json });
        command.Parameters.Add(new NpgsqlParameter { Value = Names });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        string?[] expected = reader.GetFieldValue<string?[]>(1);
        bool[] areNumbers = reader.GetFieldValue<bool[]>(2);

        ColumnProperties properties = new(Names);
        // Twice: nothing is left of an object that was read before.
        properties.Read("""{"a": "before", "b": 2, "cc": "before", "n": 3}""");
        long numbers = properties.Read(reader.GetString(0));

        Assert.Equal(expected, properties.Values.Take(Names.Length));
        Assert.Equal(areNumbers, Enumerable.Range(0, Names.Length).Select(place => (numbers & (1L << place)) != 0));
        Assert.All(properties.Values.Skip(Names.Length), Assert.Null);
    }

    [Fact]
    public async Task Random_objects_are_read_as_Postgres_writes_them()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        Random random = new(1);
        ColumnProperties properties = new(Names);
        for (int round = 0; round < 300; round++)
        {
            string json = JsonSerializer.Serialize(Object(random, 3));
            await using NpgsqlCommand command = database.CreateCommand(
                "select $1::text::jsonb::text, array_agg($1::text::jsonb ->> name order by place) from unnest($2::text[]) with ordinality as names (name, place)");
            command.Parameters.Add(new NpgsqlParameter { Value = json });
            command.Parameters.Add(new NpgsqlParameter { Value = Names });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
            properties.Read(reader.GetString(0));
            Assert.Equal(reader.GetFieldValue<string?[]>(1), properties.Values.Take(Names.Length));
        }
    }

    private static Dictionary<string, object?> Object(Random random, int depth) => Enumerable.Range(0, random.Next(6))
        .Select(_ => random.Next(3) == 0 ? Text(random) : Names[random.Next(Names.Length)])
        .Distinct()
        .ToDictionary(name => name, _ => Value(random, depth));

    private static object? Value(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-1000, 1000) / 8m,
        3 => random.NextInt64(),
        4 => Text(random),
        5 => Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)).ToArray(),
        _ => Object(random, depth - 1),
    };

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Letters[random.Next(Letters.Length)]));
}
