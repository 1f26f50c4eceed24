using System.Text;
using Sessions.Domain.Persons;

namespace Sessions.Domain.Tests.Persons;

public sealed class PersonMarkTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("key");

    /// <summary>Marks are stored: HMAC-SHA256 of the project's id, a NUL and the person's id.</summary>
    [Fact]
    public void The_mark_of_a_person_is_the_same_in_every_build() =>
        Assert.Equal("78A4E9DB53B5B41EB17EA85349C9A4E8DD18D43D7A63B40E64C3ACA00F1A93C2", Convert.ToHexString(PersonMark.Of(Key, "shop", "ann")));

    [Fact]
    public void A_different_key_project_or_person_gives_a_different_mark()
    {
        byte[] mark = PersonMark.Of(Key, "shop", "ann");

        Assert.Equal(PersonMark.Length, mark.Length);
        Assert.NotEqual(mark, PersonMark.Of(Encoding.UTF8.GetBytes("yek"), "shop", "ann"));
        Assert.NotEqual(mark, PersonMark.Of(Key, "shops", "ann"));
        Assert.NotEqual(mark, PersonMark.Of(Key, "shopa", "nn"));
    }
}
