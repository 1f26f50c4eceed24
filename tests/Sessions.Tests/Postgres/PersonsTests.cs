using Npgsql;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Tests.Postgres;

public sealed class PersonsTests(TestPostgres postgres)
{
    private static readonly DateTimeOffset Time = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_anonymous_id_is_who_it_was_identified_as_first_and_so_on() =>
        Assert.Equal("a=c, b=c", Said(("a", "b", 2), ("b", "c", 1), ("a", "x", 3)));

    [Fact]
    public void Who_was_identified_before_is_nobodys_anonymous_id() =>
        Assert.Equal("a=ann", Said(("a", "ann", 1), ("ann", "bob", 2)));

    [Fact]
    public void Links_in_a_circle_lead_nowhere()
    {
        Guid same = Guid.NewGuid();

        Assert.Empty(People([new("a", "b", Time, same), new("b", "a", Time, same), new("c", "a", Time.AddSeconds(1), same)]));
    }

    /// <summary>Most of our questions are asked in SQL, where the rule is a function of the database.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_rule_is_the_databases(int seed)
    {
        Random random = new(seed);
        string project = postgres.NewProject();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        // Few times and few event ids, so that ties and circles come up.
        Guid[] events = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        List<Identity> identities =
        [
            .. Enumerable.Range(0, 60).Select(_ => new Identity(
                $"id{random.Next(40)}", $"id{random.Next(40)}", Time.AddSeconds(random.Next(40)), events[random.Next(3)]))
                .Where(identity => identity.AnonymousId != identity.DistinctId),
        ];
        foreach (Identity identity in identities)
        {
            await using NpgsqlCommand insert = database.CreateCommand(
                "insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born) values ($1, $2, $3, $4, $5, '2026-01-15')");
            foreach (object value in new object[] { project, identity.AnonymousId, identity.DistinctId, identity.Time, identity.EventId })
            {
                insert.Parameters.Add(new() { Value = value });
            }

            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        SortedDictionary<string, string> expected = new(StringComparer.Ordinal);
        await using NpgsqlCommand ask = database.CreateCommand("select distinct_id, person from tracking.persons_of($1)");
        ask.Parameters.Add(new() { Value = project });
        await using NpgsqlDataReader reader = await ask.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            expected.Add(reader.GetString(0), reader.GetString(1));
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected, People(identities));
        Assert.Equal(expected, People([.. identities.Concat(identities).OrderBy(_ => random.Next())]));
    }

    [Fact]
    public void What_is_said_later_counts_and_forgotten_identities_leave_nothing()
    {
        VisitorNumbers visitors = new();
        Persons persons = new(visitors);
        persons.Add(new Identity("a", "late", Time, Guid.NewGuid()));
        Assert.Equal("late", PersonOf("a"));

        persons.Add(new Identity("a", "early", Time.AddSeconds(-1), Guid.NewGuid()));
        Assert.Equal("early", PersonOf("a"));

        persons.Clear();
        Assert.All(["a", "late", "early"], id => Assert.Null(visitors.Known(VisitorDigest.Of(id))));

        string PersonOf(string id)
        {
            int person = persons.PersonOf[visitors.Known(VisitorDigest.Of(id))!.Value];
            return ((string[])["a", "late", "early"]).Single(one => visitors.Known(VisitorDigest.Of(one)) == person);
        }
    }

    private static string Said(params (string Anonymous, string Distinct, int At)[] identities) => string.Join(
        ", ",
        People([.. identities.Select(one => new Identity(one.Anonymous, one.Distinct, Time.AddSeconds(one.At), Guid.NewGuid()))])
            .Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>The person of each id that is somebody else's.</summary>
    private static SortedDictionary<string, string> People(List<Identity> identities)
    {
        VisitorNumbers visitors = new();
        Persons persons = new(visitors);
        identities.ForEach(persons.Add);
        Dictionary<int, string> ids = identities.SelectMany(one => (string[])[one.AnonymousId, one.DistinctId]).Distinct()
            .ToDictionary(id => visitors.Known(VisitorDigest.Of(id))!.Value);
        SortedDictionary<string, string> people = new(StringComparer.Ordinal);
        foreach ((int number, string id) in ids)
        {
            if (persons.PersonOf[number] != number)
            {
                people.Add(id, ids[persons.PersonOf[number]]);
            }
        }

        return people;
    }
}
