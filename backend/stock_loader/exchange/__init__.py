"""1C pushes stock files over HTTP: «Обмен с сайтом», the CommerceML exchange protocol."""
