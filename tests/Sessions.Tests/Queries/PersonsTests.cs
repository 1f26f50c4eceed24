using Npgsql;
using Sessions.Domain.Persons;

namespace Sessions.Tests.Queries;

/// <summary>
/// A merge is decided by what was known when its event arrived: an id that already was a person is merged only by
/// <c>$merge_dangerously</c>.
/// </summary>
public sealed class PersonsTests(TestPostgres postgres)
{
    [Theory]
    [InlineData("a>b b>c", "a b", "who was identified by then is nobody's anonymous id")]
    [InlineData("b>c a>b", "a b c", "who was not is whom that one is")]
    [InlineData("a>b a>c", "a b", "an anonymous id is who it was identified as first")]
    [InlineData("a>b c>b", "a b c", "two anonymous ids are one person when they are identified as one")]
    [InlineData("a>b b>a", "a b", "nothing runs in a circle")]
    [InlineData("b b>c", "", "who was identified without an anonymous id is nobody's anonymous id")]
    [InlineData("a+b b+c", "a b", "nor is the target of an alias an alias")]
    [InlineData("b+a c+b", "a b c", "an alias of an alias")]
    [InlineData("a+b a>c", "a b", "an alias is nobody's anonymous id")]
    [InlineData("a>b c>d b!d", "a b c d", "persons that are merged dangerously")]
    [InlineData("a>b b!c", "a b c", "and who is merged into somebody new")]
    [InlineData("a!b a>c", "a b", "who was merged dangerously was somebody")]
    [InlineData("a!b c>b b>d", "a b c", "and so was whom it was merged into")]
    [InlineData("b>c a>b d>e a!d", "a b c d e", "also along links")]
    public async Task Ids_are_merged_by_the_order_in_which_the_merge_events_arrived(string said, string person, string because)
    {
        string project = postgres.NewProject();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        foreach (string one in said.Split(' '))
        {
            await SaidIdentity.Add(
                database,
                project,
                one[..1],
                one[^1..],
                one.Length == 1 ? MergeKind.Identify : one[1] switch { '>' => MergeKind.Identify, '+' => MergeKind.Alias, _ => MergeKind.Dangerous });
        }

        List<Identity> identities = await SaidIdentity.All(database, project);
        string found = string.Join(" / ", await People(database, project, identities));

        Assert.True(person == found, $"{because}: {found}");
        Assert.Equal(SequentialMerges.Of(identities), await People(database, project, identities));
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 40)]
    [InlineData(3, 12)]
    [InlineData(4, 12)]
    [InlineData(5, 100)]
    public async Task The_database_and_a_step_by_step_merge_give_the_same_persons(int seed, int ids)
    {
        Random random = new(seed);
        string project = postgres.NewProject();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        for (int i = 0; i < 60; i++)
        {
            await SaidIdentity.Add(
                database, project, $"id{random.Next(ids)}", $"id{random.Next(ids)}", random.Next(8) switch { 0 => MergeKind.Dangerous, 1 or 2 => MergeKind.Alias, _ => MergeKind.Identify });
        }

        List<Identity> identities = await SaidIdentity.All(database, project);
        string[] expected = SequentialMerges.Of(identities);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, await People(database, project, identities));
    }

    /// <summary>The persons of more than one id, as the database finds them.</summary>
    private static async Task<string[]> People(NpgsqlDataSource database, string project, List<Identity> identities)
    {
        Dictionary<string, string> persons = [];
        await using NpgsqlCommand ask = database.CreateCommand("select distinct_id, person from tracking.persons_of($1)");
        ask.Parameters.Add(new() { Value = project });
        await using NpgsqlDataReader reader = await ask.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            persons.Add(reader.GetString(0), reader.GetString(1));
        }

        return SequentialMerges.Shown(
            identities.SelectMany(one => (string[])[one.AnonymousId, one.DistinctId]).Distinct().GroupBy(id => persons.GetValueOrDefault(id, id)));
    }
}
