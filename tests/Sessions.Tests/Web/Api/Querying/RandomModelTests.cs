using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class RandomModelTests(TestGateway gateway) : RandomModel<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class RandomModelOfColumnsTests(ColumnsGateway gateway) : RandomModel<ColumnsGateway>(gateway);

/// <summary>The same, answered from files of columns.</summary>
public sealed class RandomModelOfFilesTests(FileColumnsGateway gateway) : RandomModel<FileColumnsGateway>(gateway);

/// <summary>Hundreds of random queries over random sessions, each answered twice: by the product and by naive code.</summary>
public abstract class RandomModel<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    private const int Sessions = 150;
    private const int Queries = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_random_query_is_answered_as_naive_code_answers_it(int seed)
    {
        RandomQueries random = new(seed);
        List<StoredSession> sessions = random.Sessions(Sessions);
        using Asking asking = await Asking.About(gateway, [.. sessions]);
        NaiveQuery naive = new(sessions);
        // As a server that has run for a while: without statistics Postgres may plan a filter by an event's property badly.
        await using (NpgsqlCommand analyze = gateway.Database.CreateCommand("analyze"))
        {
            await analyze.ExecuteNonQueryAsync();
        }

        for (int i = 0; i < Queries; i++)
        {
            string query = random.Query().ToJsonString();
            string expected = string.Join('\n', naive.Answer(JsonNode.Parse(query)!));

            string actual = string.Join('\n', (await asking.Query(query)).Select(ResultLine.Of));

            Assert.True(expected == actual, $"seed {seed}, query {i}: {query}\nexpected:\n{expected}\nactual:\n{actual}");
        }
    }
}
