using Sessions.Database;
using Sessions.Queries;

namespace Sessions.Tests.Web.Api.Querying;

public sealed class RegexCheckTests(TestPostgres postgres)
{
    [Fact]
    public async Task A_valid_expression_is_accepted_after_an_invalid_one_on_the_same_connection()
    {
        await using QueryDataSource one = QueryDataSource.Create(await postgres.SharedDatabase() + ";Maximum Pool Size=1");
        RegexCheck check = new(one);
        List<int> faults = [];

        foreach (string regex in new[] { "a", "(", "b", "(", "c", "d" })
        {
            faults.Add((await check.FirstFault(["x", regex], TestContext.Current.CancellationToken))?.Index ?? -1);
        }

        Assert.Equal([-1, 1, -1, 1, -1, -1], faults);
    }
}
