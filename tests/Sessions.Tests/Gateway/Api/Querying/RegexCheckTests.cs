using Sessions.Postgres;
using Sessions.Postgres.Queries;

namespace Sessions.Tests.Gateway.Api.Querying;

public sealed class RegexCheckTests(TestPostgres postgres)
{
    [Fact]
    public async Task A_right_one_is_right_whatever_came_before_it_on_the_same_connection()
    {
        await using QuestionDataSource one = QuestionDataSource.Create(await postgres.SharedDatabase() + ";Maximum Pool Size=1");
        RegexCheck check = new(one);
        List<int> faults = [];

        foreach (string regex in new[] { "a", "(", "b", "(", "c", "d" })
        {
            faults.Add((await check.FirstFault(["x", regex], TestContext.Current.CancellationToken))?.Index ?? -1);
        }

        Assert.Equal([-1, 1, -1, 1, -1, -1], faults);
    }
}
